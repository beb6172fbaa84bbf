import { join } from "node:path";
import { expect, test } from "vitest";
import { createStoryPlace, graphOf } from "../support/story-place.ts";
import { useBundle } from "../support/use-bundle.ts";

const bin = useBundle();
type Place = ReturnType<typeof createStoryPlace>;

const kgsync = async (place: Place, args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
  const run = place.start(args, env);
  const { code } = await run.ended;
  return { code, out: run.out(), logs: run.logs() };
};

const versions = (place: Place): readonly string[] => place.filesBelow(join(place.bucket, ".kgsync/versions"));

/** A push for each text: each keeps the one before. */
const pushAll = async (place: Place, texts: readonly string[], env: Readonly<Record<string, string>> = {}) => {
  for (const text of texts) {
    place.setLocal(text);
    expect((await kgsync(place, ["push"], env)).code).toBe(0);
  }
};

test("where only `kgsync push` pushes, it prunes too", async () => {
  const place = createStoryPlace(bin);
  const texts = ["a", "b", "c", "d", "e"].map((name) => graphOf(name, "always"));
  await pushAll(place, texts, { KGSYNC_HISTORY: "2" });
  const kept = versions(place).map((name) => place.textAt(join(place.bucket, ".kgsync/versions", name)));
  expect(kept.sort()).toEqual([texts[2], texts[3]]);
});

test("prune shows first what would go, then removes it; one kept version stays at the least", async () => {
  const place = createStoryPlace(bin);
  await pushAll(
    place,
    ["a", "b", "c", "d"].map((name) => graphOf(name, "always")),
  );
  place.put(join(place.bucket, ".kgsync/versions/by-hand.json"), "{}");
  expect(versions(place)).toHaveLength(4);

  const dry = await kgsync(place, ["prune", "--history", "0", "--dry-run", "--json"]);
  const plan = JSON.parse(dry.out);
  expect([dry.code, plan.dryRun, plan.versions.length, plan.backups]).toEqual([0, true, 2, []]);
  expect(versions(place)).toHaveLength(4);

  const done = await kgsync(place, ["prune", "--history", "0"]);
  expect(done.code).toBe(0);
  for (const { name } of plan.versions) expect(done.out).toContain(name);
  expect(done.out).toMatch(/^2 kept versions and 0 backup files removed from file:/m);
  expect(versions(place)).toHaveLength(2);
  expect(versions(place)).toContain("by-hand.json");
  expect(place.remote()).toBe(graphOf("d", "always"));
});

test("backups go only when asked, on both sides, and never the last valid one", async () => {
  const place = createStoryPlace(bin);
  const old = "knowledge_graph_20250101_000000.json";
  const valid = "20250201000000/knowledge_graph.json";
  const torn = "knowledge_graph_20250301_000000.json";
  place.setLocal(graphOf("one"));
  place.put(join(place.backups, old), graphOf("old"));
  place.put(join(place.backups, valid), graphOf("valid"));
  place.put(join(place.backups, "20250201000000/backup_info.txt"), "by hand");
  place.put(join(place.backups, torn), '{"half');
  place.put(join(place.backups, "notes.json"), "{}");
  expect((await kgsync(place, ["push"])).code).toBe(0);
  const here = () => place.filesBelow(place.backups);
  const there = () => place.filesBelow(join(place.bucket, "backups"));
  const all = here();
  expect(there()).toEqual(all);

  expect((await kgsync(place, ["prune"])).code).toBe(0);
  expect([here(), there()]).toEqual([all, all]);

  // A file that the bucket does not have is no copy of anything.
  const unsent = "20250101000000/unsent.json";
  place.put(join(place.backups, unsent), "{}");
  const pruned = await kgsync(place, ["prune", "--keep-backups", "1"]);
  expect(pruned.code).toBe(0);
  expect(pruned.out).toContain("the backup of 20250201000000 stays: no newer one is valid");
  const left = ["20250201000000/backup_info.txt", valid, torn, "notes.json"].sort();
  expect(there()).toEqual(left);
  expect(here()).toEqual([unsent, ...left].sort());

  // It does not come back.
  expect((await kgsync(place, ["pull"])).code).toBe(0);
  expect((await kgsync(place, ["push"])).code).toBe(0);
  expect([here().includes(old), there().includes(old)]).toEqual([false, false]);
});

test("a number that is none is refused before anything is asked", async () => {
  const place = createStoryPlace(bin);
  for (const bad of ["0", "-1", "x", "1.5"])
    expect((await kgsync(place, ["prune", `--keep-backups=${bad}`])).code).toBe(64);
});
