import { expect, test } from "vitest";
import type { RunningKgsync } from "../support/run-kgsync.ts";
import { createStoryPlace, graphOf } from "../support/story-place.ts";
import { useBundle } from "../support/use-bundle.ts";

const bin = useBundle();
const LEASE = { KGSYNC_LEASE: "on", KGSYNC_LEASE_TTL: "3s" };
/** Whoever waited for this one to run out would not be seen again in a test. */
const LONG = { KGSYNC_LEASE: "on", KGSYNC_LEASE_TTL: "1h" };

type Place = ReturnType<typeof createStoryPlace>;
type Env = Readonly<Record<string, string>>;

/** A second machine with the same bucket. */
const beside = (place: Place) => {
  const other = createStoryPlace(bin);
  const bucket = { KGSYNC_BUCKET: `file://${place.bucket}` };
  return {
    ...other,
    run: (first: object, env: Env): RunningKgsync => other.run(first, { ...bucket, ...env }),
  };
};

const services = (text: string | undefined): readonly string[] => Object.keys(JSON.parse(text ?? "{}").services).sort();

const stop = async (run: RunningKgsync): Promise<void> => {
  run.signal("SIGTERM");
  expect(await run.ended).toEqual({ code: 143, signal: null });
};

test("one at a time: the second stands by, ends at once when it is stopped, and starts when the first has ended", async () => {
  const one = createStoryPlace(bin);
  const two = beside(one);
  const standby = { ...LONG, KGSYNC_READY_WHEN: "standby" };
  const first = one.run({ save: graphOf("first") }, standby);
  await first.waitForEvent("push.stored");
  const stopped = two.run({}, standby);
  await stopped.waitForEvent("lease.waiting");
  expect(await two.start(["health"], standby).ended).toMatchObject({ code: 0 });
  expect(await two.start(["health"], LONG).ended).toMatchObject({ code: 1 });
  await stop(stopped);
  expect(stopped.logs().at(-1)).toMatchObject({ event: "end", data: "untouched" });

  const second = two.run({}, standby);
  await second.waitForEvent("lease.waiting");
  expect(two.marks()).toEqual([]);
  first.say(JSON.stringify({ save: graphOf("first", "last") }));
  await first.waitForLine(/did save/);
  await stop(first);
  await second.waitForLine(/app: ready/);
  expect(services(two.local())).toEqual(["first", "last"]);
  await stop(second);
});

test("a copy that is ready only when it serves is handed the lease; the first stands by and takes it back at the end", async () => {
  const one = createStoryPlace(bin);
  const two = beside(one);
  one.setRemote(graphOf("first"));
  const first = one.run({ onTerm: { save: graphOf("first", "last") } }, LEASE);
  await first.waitForLine(/app: ready/);
  const second = two.run({}, LEASE);
  await second.waitForLine(/app: ready/);
  expect(services(two.local())).toEqual(["first", "last"]);
  expect(one.marks()).toEqual(["started", "term"]);
  expect(await one.start(["health"], LEASE).ended).toMatchObject({ code: 0 }); // it must not be replaced
  second.say(JSON.stringify({ save: graphOf("first", "last", "second") }));
  await second.waitForEvent("push.stored");
  await stop(second);
  await first.waitForLine(/app: ready[\s\S]*app: ready/);
  expect(one.marks().slice(0, 3)).toEqual(["started", "term", "started"]);
  expect(services(one.local())).toEqual(["first", "last", "second"]);
  first.say(JSON.stringify({ exit: 0 }));
  expect(await first.ended).toEqual({ code: 0, signal: null });
});

test("killed and started again, it has its own lease at once", async () => {
  const place = createStoryPlace(bin);
  const first = place.run({ save: graphOf("first") }, LONG);
  await first.waitForEvent("push.stored");
  await first.killAll();
  const second = place.run({}, LONG);
  await second.waitForLine(/app: ready/);
  expect(second.logs().map(({ event }) => event)).not.toContain("lease.waiting");
  await stop(second);
});

test("a wrapper that stood still while another took over stops its app; nothing is put over the other's work", async () => {
  const one = createStoryPlace(bin);
  const two = beside(one);
  one.setRemote(graphOf("first"));
  const first = one.run({}, LEASE);
  await first.waitForLine(/app: ready/);
  first.signal("SIGSTOP");
  first.say(JSON.stringify({ save: graphOf("first", "unseen") }));
  await first.waitForLine(/did save/);
  const second = two.run({}, { ...LEASE, KGSYNC_READY_WHEN: "standby" });
  await second.waitForLine(/app: ready/);
  second.say(JSON.stringify({ save: graphOf("first", "second") }));
  await second.waitForEvent("push.stored");
  first.signal("SIGCONT");
  expect(await first.ended).toEqual({ code: 75, signal: null });
  expect(first.logs().at(-1)).toMatchObject({ event: "end", level: "error", data: "unsafe" });
  expect(first.logs().at(-1)?.msg).toMatch(/the lease is lost .*kept in the bucket as/);
  expect(services(one.remote())).toEqual(["first", "second"]);
  await stop(second);

  const again = one.run({}, LEASE); // and nothing is lost
  await again.waitForLine(/app: ready/);
  expect(services(one.local())).toEqual(["first", "second", "unseen"]);
  await stop(again);
});

test("KGSYNC_ON_LEASE_BUSY: `fail` ends with 75, `readonly` pushes nothing, `merge` runs beside the holder", async () => {
  const one = createStoryPlace(bin);
  const two = beside(one);
  const first = one.run({ save: graphOf("first") }, LEASE);
  await first.waitForEvent("push.stored");

  const fail = two.run({}, { ...LEASE, KGSYNC_ON_LEASE_BUSY: "fail" });
  expect(await fail.ended).toEqual({ code: 75, signal: null });
  expect(fail.logs().at(-1)).toMatchObject({ level: "error", hint: expect.stringContaining("KGSYNC_ON_LEASE_BUSY") });
  expect(two.marks()).toEqual([]);

  const only = two.run({ save: graphOf("first", "unpushed") }, { ...LEASE, KGSYNC_ON_LEASE_BUSY: "readonly" });
  await only.waitForEvent("lease.readonly");
  await only.waitForLine(/app: ready/);
  only.say(JSON.stringify({ exit: 4 }));
  expect(await only.ended).toEqual({ code: 4, signal: null });
  expect(only.logs().at(-1)).toMatchObject({ event: "end", level: "info", data: "untouched" });
  expect(only.logs().at(-1)?.msg).toMatch(/was not to be pushed, because .* holds the lease/);
  expect(one.remote()).toBe(graphOf("first"));

  const merge = two.run({ save: graphOf("first", "merged") }, { ...LEASE, KGSYNC_ON_LEASE_BUSY: "merge" });
  await merge.waitForEvent("lease.merging");
  await merge.waitForLine(/app: ready/);
  await stop(merge);
  expect(services(one.remote())).toContain("merged");
  await stop(first);
});
