import { execFile } from "node:child_process";
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { startFaultyProxy } from "../support/faulty-proxy.ts";
import type { LogLine, RunningKgsync } from "../support/run-kgsync.ts";
import { startS3Double } from "../support/s3-double/start-s3-double.ts";
import { createStoryPlace, graphOf, s3Env } from "../support/story-place.ts";
import { useBundle } from "../support/use-bundle.ts";

const bin = useBundle();
const QUIET = { KGSYNC_WATCH: "off", KGSYNC_INTERVAL: "0", KGSYNC_FINAL_TIMEOUT: "1s", KGSYNC_GRACE: "3s" };

type Place = ReturnType<typeof createStoryPlace>;
type Env = Readonly<Record<string, string>>;
/** A bucket that can be taken away and given back. */
type Outage = {
  readonly env: Env;
  readonly begin: () => void;
  readonly end: () => void;
  readonly remote: () => string | undefined;
  readonly close: () => Promise<void>;
};

const OUTAGES: Readonly<Record<string, (place: Place) => Promise<Outage>>> = {
  "the folder of the bucket is gone, a file in its place": async (place) => ({
    env: {},
    begin: () => {
      renameSync(place.bucket, `${place.bucket}.away`);
      writeFileSync(place.bucket, "");
    },
    end: () => {
      rmSync(place.bucket);
      renameSync(`${place.bucket}.away`, place.bucket);
    },
    remote: place.remote,
    close: async () => undefined,
  }),
  "access is denied": async () => {
    const accessKeys = ["AKIDEXAMPLE"];
    const double = await startS3Double({ accessKeys });
    return {
      env: s3Env(double),
      begin: () => void accessKeys.splice(0, 1, "another"),
      end: () => void accessKeys.splice(0, 1, "AKIDEXAMPLE"),
      remote: () => double.objects.get("app/knowledge_graph.json")?.body.toString(),
      close: double.close,
    };
  },
  "the bucket takes everything and answers nothing": async () => {
    const double = await startS3Double();
    const proxy = await startFaultyProxy(Number(new URL(double.endpoint).port));
    return {
      env: s3Env({ ...double, endpoint: `http://127.0.0.1:${proxy.port}` }),
      begin: () => proxy.setMode("silent"),
      end: () => proxy.setMode("pass"),
      remote: () => double.objects.get("app/knowledge_graph.json")?.body.toString(),
      close: async () => {
        await proxy.close();
        await double.close();
      },
    };
  },
};

const endOf = (run: RunningKgsync): LogLine | undefined => run.logs().find(({ event }) => event === "end");

test.for(Object.keys(OUTAGES))(
  "%s at the last push: 75, the files are kept, and the printed command brings them over",
  async (name) => {
    const place = createStoryPlace(bin);
    const outage = await OUTAGES[name]?.(place);
    if (outage === undefined) throw new Error(name);
    const run = place.run({ save: graphOf("first") }, { ...QUIET, ...outage.env, KGSYNC_WATCH: "on" });
    await run.waitForEvent("push.stored");
    outage.begin();
    run.say(
      JSON.stringify({ save: graphOf("first", "unsent"), file: [join(place.backups, "b 1.json"), "{}"], exit: 0 }),
    );
    expect(await run.ended).toEqual({ code: 75, signal: null });
    const end = endOf(run);
    expect(end).toMatchObject({ level: "error", code: 75, data: "unsafe" });
    expect(end?.msg).toContain(place.graph);
    expect(place.terminationLog()).toMatch(/NOT known to be in .*\(exit 75, data=unsafe\)/);
    expect(place.status()).toMatchObject({ unsyncedSince: expect.any(Number), ended: { code: 75, data: "unsafe" } });
    expect(place.local()).toBe(graphOf("first", "unsent"));
    outage.end();
    expect(outage.remote()).toBe(graphOf("first"));
    mkdirSync(join(place.root, "bin"));
    symlinkSync(bin(), join(place.root, "bin/kgsync"));
    const path = `${join(place.root, "bin")}:${process.env["PATH"]}`;
    const recover = String(end?.["recover"]);
    await promisify(execFile)("sh", ["-c", recover], {
      cwd: "/",
      env: { ...outage.env, HOME: place.root, PATH: path },
    });
    expect(outage.remote()).toBe(graphOf("first", "unsent"));
    await outage.close();
  },
);

/** How the app ends, and the code when its last save cannot be brought over. */
const ENDS: readonly (readonly [string, object, "SIGTERM" | undefined, number])[] = [
  ["ended 0", { exit: 0 }, undefined, 75],
  ["ended 0 after TERM", { onTerm: { exit: 0 } }, "SIGTERM", 75],
  ["died of our TERM", {}, "SIGTERM", 75],
  ["ended 3", { exit: 3 }, undefined, 3],
  ["ended 3 after TERM", { onTerm: { exit: 3 } }, "SIGTERM", 3],
  ["died of somebody's KILL", { die: "SIGKILL" }, undefined, 137],
  ["had to be killed by us", { onTerm: { ignore: true } }, "SIGTERM", 75],
];

test.for(ENDS)("the last push fails, the app %s", async ([, how, signal, code]) => {
  const place = createStoryPlace(bin);
  const run = place.run({ save: graphOf("first") }, { ...QUIET, KGSYNC_WATCH: "on" });
  await run.waitForEvent("push.stored");
  rmSync(place.bucket, { recursive: true });
  writeFileSync(place.bucket, "");
  run.say(JSON.stringify({ save: graphOf("unsent"), ...how }));
  if (signal !== undefined) {
    await run.waitForLine("onTerm" in how ? /did onTerm/ : /did save/);
    run.signal(signal);
  }
  expect(await run.ended).toEqual({ code, signal: null });
  expect(endOf(run)).toMatchObject({ code, data: "unsafe", recover: expect.stringContaining("kgsync push") });
  expect(place.terminationLog()).toContain(`(exit ${code}, data=unsafe)`);
  expect(place.local()).toBe(graphOf("unsent"));
});
