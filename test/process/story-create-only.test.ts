import { expect, test } from "vitest";
import type { CreateOnlyProfile } from "../support/s3-double/s3-profile.ts";
import { startS3Double } from "../support/s3-double/start-s3-double.ts";
import { createStoryPlace, graphOf, s3Env } from "../support/story-place.ts";
import { useBundle } from "../support/use-bundle.ts";

const bin = useBundle();
const CREATE_ONLY = { KGSYNC_S3_CONDITIONS: "create-only" };
const PROFILES: readonly CreateOnlyProfile[] = ["create-only-ignores", "create-only-rejects", "create-only-412"];

const servicesIn = (text: string | undefined): readonly string[] =>
  Object.keys(JSON.parse(text ?? "{}").services ?? {});

test.for(PROFILES)(
  "%s: auto is refused and names the mode; in it two copies lose nothing; auto stays out",
  async (profile, { onTestFinished }) => {
    const double = await startS3Double({ profile });
    onTestFinished(double.close);
    const env = { ...s3Env(double), KGSYNC_GRACE: "20s" };
    const graph = () => double.objects.get("app/knowledge_graph.json")?.body.toString();
    const one = createStoryPlace(bin, onTestFinished);
    const two = createStoryPlace(bin, onTestFinished);

    const refused = one.run({}, env);
    expect((await refused.ended).code).toBe(78);
    expect(refused.err()).toContain("KGSYNC_S3_CONDITIONS=create-only");
    expect(one.marks()).toEqual([]);

    const first = one.run({ save: graphOf("base") }, { ...env, ...CREATE_ONLY, KGSYNC_LEASE: "off" });
    await first.waitForEvent("push.stored");
    const second = two.run({}, { ...env, ...CREATE_ONLY });
    await second.waitForLine(/ready/);
    expect(servicesIn(two.local())).toEqual(["base"]);
    first.say(JSON.stringify({ save: graphOf("base", "by one") }));
    second.say(JSON.stringify({ save: graphOf("base", "by two") }));
    await Promise.all([first.waitForEvent("push.stored", 2), second.waitForEvent("push.stored", 1)]);
    first.signal("SIGTERM");
    second.signal("SIGTERM");
    await Promise.all([first.ended, second.ended]);
    expect(servicesIn(graph()).toSorted()).toEqual(["base", "by one", "by two"]);

    const doctor = one.start(["doctor", "--json"], { ...env, ...CREATE_ONLY });
    await doctor.ended;
    expect(doctor.out()).toContain("all that create-only needs");
    const auto = one.run({}, { ...env, KGSYNC_UNSAFE_STORE: "allow" });
    expect((await auto.ended).code).toBe(78);
    expect(auto.err()).toContain("is in use with KGSYNC_S3_CONDITIONS=create-only");
  },
);

test("with the lease: held, handed on at the end, and taken by the next", async ({ onTestFinished }) => {
  const double = await startS3Double({ profile: "create-only-rejects" });
  onTestFinished(double.close);
  const env = { ...s3Env(double), ...CREATE_ONLY, KGSYNC_LEASE: "on" };
  for (const name of ["first", "second"]) {
    const place = createStoryPlace(bin, onTestFinished);
    const run = place.run({ save: graphOf(name) }, env);
    await run.waitForEvent("push.stored");
    const shown = place.start(["lease", "show"], env);
    expect((await shown.ended).code).toBe(0);
    expect(shown.out()).toMatch(/held/);
    run.signal("SIGTERM");
    await run.ended;
    expect(run.logs().map(({ event }) => event)).toContain("lease.released");
  }
});

test("a server that honours updates needs no such mode, and is not begun in it", async ({ onTestFinished }) => {
  const double = await startS3Double();
  onTestFinished(double.close);
  const run = createStoryPlace(bin, onTestFinished).run({}, { ...s3Env(double), ...CREATE_ONLY });
  expect((await run.ended).code).toBe(78);
  expect(run.err()).toContain("honours `If-Match`");
});
