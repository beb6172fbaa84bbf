import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createStoryPlace, graphOf } from "../support/story-place.ts";
import { useBundle } from "../support/use-bundle.ts";

const bin = useBundle();

const LEASE = { KGSYNC_LEASE: "on", KGSYNC_LEASE_TTL: "3s" };

type Place = ReturnType<typeof createStoryPlace>;

const show = async (place: Place, env = {}): Promise<Record<string, unknown>> => {
  const shown = place.start(["lease", "show", "--json"], env);
  expect(await shown.ended).toEqual({ code: 0, signal: null });
  return JSON.parse(shown.out());
};

const leaseFile = ({ bucket }: Place): string => join(bucket, ".kgsync/lease.json");

test("show says what lies in the bucket, and changes nothing", async () => {
  const place = createStoryPlace(bin);
  const nothing = place.start(["lease", "show"]);
  expect((await nothing.ended).code).toBe(0);
  expect(nothing.out()).toMatch(/^lease +none/m);
  expect(nothing.out()).toMatch(/^graph +none yet$/m);
  expect(place.objects()).toEqual([]);
  place.put(leaseFile(place), "nonsense");
  expect(await show(place)).toMatchObject({ state: "damaged", holder: null, epoch: null, graphMatches: null });
});

test("a life of the lease, as show tells it: held by epoch 1, released, held by epoch 2 with the graph's epoch beside it", async () => {
  const place = createStoryPlace(bin);
  const first = place.run({ save: graphOf("one") }, LEASE);
  await first.waitForEvent("push.stored");
  expect(await show(place)).toMatchObject({ state: "held", epoch: 1, ttlMs: 3000, graphEpoch: 1, graphMatches: true });
  first.signal("SIGTERM");
  expect((await first.ended).code).toBe(143);
  expect(await show(place)).toMatchObject({ state: "released", epoch: 1, wantedBy: null });
  const second = place.run({}, LEASE);
  await second.waitForLine(/app: ready/);
  expect(await show(place)).toMatchObject({ state: "held", epoch: 2, graphEpoch: 2, graphMatches: true });
  second.signal("SIGTERM");
  expect((await second.ended).code).toBe(143);
});

test("release refuses while somebody holds it; with --force a holder that lives stops its app and ends with 75", async () => {
  const place = createStoryPlace(bin);
  const holder = place.run({ save: graphOf("one") }, LEASE);
  await holder.waitForEvent("push.stored");
  const refused = place.start(["lease", "release"]);
  expect(await refused.ended).toEqual({ code: 75, signal: null });
  expect(refused.logs().at(-1)).toMatchObject({ event: "failed", hint: expect.stringContaining("its app is stopped") });
  expect(await show(place)).toMatchObject({ state: "held", epoch: 1 });
  holder.say(JSON.stringify({ onTerm: { save: graphOf("one", "late"), exit: 0 } }));
  await holder.waitForLine(/did onTerm/);
  const forced = place.start(["lease", "release", "--force"]);
  expect(await forced.ended).toEqual({ code: 0, signal: null });
  expect(forced.logs().at(-1)).toMatchObject({ level: "warn", event: "lease.forced", epoch: 1 });
  expect(await holder.ended).toEqual({ code: 75, signal: null });
  expect(holder.logs().at(-1)).toMatchObject({ event: "end", msg: expect.stringContaining("the lease is lost") });
  expect(place.local()).toBe(graphOf("one", "late"));
  expect(place.remote()).toBe(graphOf("one", "late")); // nobody came after it
  expect(await show(place)).toMatchObject({ state: "released", epoch: 1 });
  const again = place.start(["lease", "release"]);
  expect((await again.ended).code).toBe(0);
  expect(again.logs().at(-1)).toMatchObject({ event: "lease.free" });
});

test("release --force of one that cannot be read lets the next one in at once, above the graph's epoch", async () => {
  const place = createStoryPlace(bin);
  const first = place.run({ save: graphOf("one") }, LEASE);
  await first.waitForEvent("push.stored");
  first.signal("SIGTERM");
  await first.ended;
  place.put(leaseFile(place), "nonsense");
  const forced = place.start(["lease", "release", "--force"]);
  expect((await forced.ended).code).toBe(0);
  const next = place.run({}, { ...LEASE, KGSYNC_LEASE_TTL: "1h" });
  await next.waitForLine(/app: ready/);
  expect(next.logs().map(({ event }) => event)).not.toContain("lease.waiting");
  expect(JSON.parse(readFileSync(leaseFile(place), "utf8"))).toMatchObject({ epoch: 2, state: "held" });
  next.signal("SIGTERM");
  expect((await next.ended).code).toBe(143);
});

test("a graph with a name of its own has its epoch under that name, for show and for release", async () => {
  const place = createStoryPlace(bin);
  const own = { KGSYNC_GRAPH: "memory.jsonl", KGSYNC_BACKUPS: "" };
  place.put(join(place.cwd, "memory.jsonl"), '{"id":1}\n');
  const first = place.run({}, { ...LEASE, ...own });
  await first.waitForLine(/app: ready/);
  first.signal("SIGTERM");
  expect((await first.ended).code).toBe(143);
  expect(await show(place, own)).toMatchObject({ state: "released", epoch: 1, graphEpoch: 1, graphMatches: true });
  const second = place.run({}, { ...LEASE, ...own });
  await second.waitForLine(/app: ready/);
  second.signal("SIGTERM");
  expect((await second.ended).code).toBe(143);
  place.put(leaseFile(place), "nonsense");
  const forced = place.start(["lease", "release", "--force"], own);
  expect((await forced.ended).code).toBe(0);
  expect(await show(place, own)).toMatchObject({ state: "released", epoch: 2, graphEpoch: 2, graphMatches: true });
});
