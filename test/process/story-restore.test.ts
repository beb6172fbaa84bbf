import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { openTerminal } from "../support/open-terminal.ts";
import type { RunningKgsync } from "../support/run-kgsync.ts";
import { startS3Double } from "../support/s3-double/start-s3-double.ts";
import { createStoryPlace, graphOf, s3Env } from "../support/story-place.ts";
import { useBundle } from "../support/use-bundle.ts";

const bin = useBundle();
type Place = ReturnType<typeof createStoryPlace>;
type Row = { readonly kind: string; readonly name: string; readonly writer: string | null; readonly files?: number };

const kgsync = async (place: Place, ...args: readonly string[]): Promise<readonly [number | null, RunningKgsync]> => {
  const run = place.start(args);
  return [(await run.ended).code, run];
};

const rows = async (place: Place, ...args: readonly string[]): Promise<readonly Row[]> => {
  const [code, run] = await kgsync(place, "log", "--json", ...args);
  expect(code).toBe(0);
  return JSON.parse(run.out()).entries;
};

/** A bucket with a history: the services of each version, oldest first. */
const createHistory = async (...versions: readonly (readonly string[])[]): Promise<Place> => {
  const place = createStoryPlace(bin);
  for (const services of versions) {
    place.setLocal(graphOf(...services));
    expect((await kgsync(place, "push"))[0]).toBe(0);
  }
  return place;
};

test("diff tells what a pull would bring, by meaning, and ends with 0 or 1", async () => {
  const place = await createHistory(["one", "two"]);
  expect((await kgsync(place, "diff"))[0]).toBe(0);
  place.setLocal(graphOf("one", "two").replace("00:40:18Z", "00:40:19Z"));
  const [same, equal] = await kgsync(place, "diff");
  expect([same, equal.out()]).toEqual([0, "local and bucket are equal (last_updated differs)\n"]);
  place.setRemote(graphOf("two", "three").replace('"one":1', '"one":5'));
  const before = [place.filesBelow(place.cwd), place.objects()];
  const [code, run] = await kgsync(place, "diff");
  expect(code).toBe(1);
  expect(run.out().split("\n").slice(2)).toEqual([
    "",
    "services: 1 added, 1 removed, 1 changed",
    "  ~ two",
    "      ~ metadata.one: 1 → 5",
    "  + three: {…} 4 values",
    "  - one: {…} 4 values",
    "",
    "1 added, 1 removed, 1 changed (last_updated differs)",
    "",
  ]);
  const [, json] = await kgsync(place, "diff", "bucket", "local", "--json");
  expect(JSON.parse(json.out())).toMatchObject({
    equal: false,
    counts: { added: 1, removed: 1, changed: 1 },
    from: { name: "bucket" },
  });
  expect([place.filesBelow(place.cwd), place.objects()]).toEqual(before);
  const [missing, told] = await kgsync(place, "diff", "abcd");
  expect([missing, told.err()]).toEqual([64, expect.stringContaining("kgsync log")]);
});

test("log lists the graph, versions and backups, newest first, and what it names diff finds", async () => {
  const place = await createHistory(["one"], ["one", "two"], ["one", "two", "three"]);
  place.put(join(place.bucket, "backups/knowledge_graph_20250101_000000.json"), graphOf("old"));
  place.put(join(place.bucket, "backups/20250102000000/knowledge_graph.json"), graphOf("older"));
  place.put(join(place.bucket, "backups/20250102000000/backup_info.txt"), "x");
  const listed = await rows(place);
  expect(listed[0]).toMatchObject({ kind: "graph", writer: expect.stringMatching(/-[0-9a-z]{8}$/) });
  expect(listed.map(({ kind }) => kind).sort()).toEqual(["backup", "backup", "graph", "version", "version"]);
  expect(listed.find(({ name }) => name === "20250102000000")).toMatchObject({ files: 2 });
  expect(await rows(place, "--limit", "2")).toHaveLength(2);
  for (const { name, kind } of listed) {
    const [code] = await kgsync(place, "diff", name, "bucket");
    expect([kind, code]).toEqual([kind, kind === "graph" ? 64 : 1]);
  }
  const [, table] = await kgsync(place, "log", "--limit", "1");
  expect(table.out()).toMatch(/^TIME .*\n\S+Z {2}graph .*\nand 4 more/);
});

test("a version is brought back, after a look and a yes; what it replaced is kept, and brought back again", async () => {
  const place = await createHistory(["one", "two"], ["one"]);
  const before = place.objects();
  const version = (await rows(place)).find(({ kind }) => kind === "version")?.name ?? "";

  const [shown, look] = await kgsync(place, "restore", version.slice(0, 6), "--dry-run");
  expect([shown, look.out()]).toEqual([0, expect.stringContaining("+ two: {…}")]);
  const [asked, refusal] = await kgsync(place, "restore", version);
  expect([asked, refusal.err()]).toEqual([64, expect.stringContaining("--yes")]);
  expect([place.objects(), place.remote()]).toEqual([before, graphOf("one")]);

  const [done, run] = await kgsync(place, "restore", version, "--yes");
  expect(done).toBe(0);
  expect([place.remote(), place.local()]).toEqual([graphOf("one", "two"), graphOf("one", "two")]);
  const { kept } = await run.waitForEvent("restore.done");
  expect(place.textAt(join(place.bucket, String(kept)))).toBe(graphOf("one"));

  const [back] = await kgsync(place, "restore", String(kept), "--yes", "--bucket-only");
  expect([back, place.remote(), place.local()]).toEqual([0, graphOf("one"), graphOf("one", "two")]);
  expect((await kgsync(place, "pull"))[0]).toBe(0);
  expect(place.local()).toBe(graphOf("one"));
  const [again, nothing] = await kgsync(place, "restore", String(kept), "--yes");
  expect([again, nothing.out()]).toEqual([0, expect.stringContaining("are equal")]);
});

test("work that the bucket does not have is not run over, and what is no graph is not restored", async () => {
  const place = await createHistory(["one", "two"], ["one"]);
  place.setLocal(graphOf("one", "mine"));
  const version = (await rows(place)).find(({ kind }) => kind === "version")?.name ?? "";
  const [code, run] = await kgsync(place, "restore", version, "--yes");
  expect([code, run.err()]).toEqual([75, expect.stringContaining("kgsync push")]);
  expect([place.remote(), place.local()]).toEqual([graphOf("one"), graphOf("one", "mine")]);
  place.put(join(place.cwd, "half.json"), '{"half');
  const [invalid] = await kgsync(place, "restore", "./half.json", "--yes");
  expect([invalid, place.remote()]).toEqual([65, graphOf("one")]);
});

test("a damaged graph in the bucket is kept too, and replaced", async () => {
  const place = await createHistory(["one"], ["one", "two"]);
  place.setRemote("not a graph");
  const version = (await rows(place)).find(({ kind }) => kind === "version")?.name ?? "";
  const [code, run] = await kgsync(place, "restore", version, "--yes", "--bucket-only");
  expect([code, place.remote()]).toEqual([0, graphOf("one")]);
  const { kept } = await run.waitForEvent("restore.done");
  expect(place.textAt(join(place.bucket, String(kept)))).toBe("not a graph");
  place.setRemote("");
  rmSync(join(place.bucket, "knowledge_graph.json"));
  expect((await kgsync(place, "restore", version, "--yes", "--bucket-only"))[0]).toBe(0);
  expect(place.remote()).toBe(graphOf("one"));
});

test("beside a running app: refused with what to do; with --bucket-only the app's own work is merged into it", async () => {
  const place = await createHistory(["one", "two"], ["one"]);
  const version = (await rows(place)).find(({ kind }) => kind === "version")?.name ?? "";
  const run = place.run({ save: graphOf("one", "a") });
  await run.waitForEvent("push.stored");
  const [busy, told] = await kgsync(place, "restore", version, "--yes");
  expect([busy, told.err()]).toEqual([75, expect.stringContaining("--bucket-only")]);
  expect((await kgsync(place, "diff"))[0]).toBe(0);
  const [code] = await kgsync(place, "restore", version, "--yes", "--bucket-only");
  expect([code, place.remote()]).toEqual([0, graphOf("one", "two")]);
  run.say(JSON.stringify({ save: graphOf("one", "a", "b") }));
  await run.waitForEvent("merge.done");
  run.signal("SIGTERM");
  expect((await run.ended).code).toBe(143);
  // what was restored, and what the app added since; `a` was undone by a person
  expect(JSON.parse(place.remote() ?? "")).toEqual(JSON.parse(graphOf("one", "two", "b")));
  expect(place.local()).toBe(place.remote());
});

test("on a server: log, diff, restore, and a conflict that is settled", async () => {
  const double = await startS3Double({ pageSize: 2 });
  onTestFinished(() => double.close());
  const place = createStoryPlace(bin);
  const on = async (...args: readonly string[]): Promise<readonly [number | null, string]> => {
    const run = place.start(args, s3Env(double));
    const { code } = await run.ended;
    return [code, run.out()];
  };
  const remote = (): string => new TextDecoder().decode(double.objects.get("app/knowledge_graph.json")?.body);
  for (const services of [["one"], ["one", "two"], ["one", "two", "three"]]) {
    place.setLocal(graphOf(...services));
    expect((await on("push"))[0]).toBe(0);
  }
  const listed: readonly Row[] = JSON.parse((await on("log", "--json"))[1]).entries;
  expect(listed.map(({ kind, writer }) => [kind, writer === null])).toEqual([
    ["graph", false],
    ["version", false],
    ["version", false],
  ]);
  const oldest = listed.at(-1)?.name ?? "";
  expect((await on("diff", oldest, "bucket"))[0]).toBe(1);
  expect(await on("restore", oldest, "--yes")).toEqual([0, expect.stringContaining("2 removed")]);
  expect([remote(), place.local()]).toEqual([graphOf("one"), graphOf("one")]);

  double.put("app/knowledge_graph.json", graphOf("one").replace('"one":1', '"one":3'));
  place.setLocal(graphOf("one").replace('"one":1', '"one":2'));
  expect((await on("push", "--on-conflict", "theirs"))[0]).toBe(0);
  const [row] = JSON.parse((await on("conflicts", "--json"))[1]).conflicts;
  expect((await on("conflicts", "resolve", row.name, "--ours", "--yes"))[0]).toBe(0);
  expect(remote()).toBe(graphOf("one").replace('"one":1', '"one":2'));
  expect(await on("conflicts")).toEqual([0, "there are no open conflicts\n"]);
});

test("on a terminal it asks, and a no is answered", async () => {
  const place = createStoryPlace(bin);
  place.setRemote(graphOf("one"));
  place.put(join(place.root, "mended.json"), graphOf("two"));
  const command = `'${process.execPath}' '${bin()}' restore ./mended.json`;
  const terminal = openTerminal(place.root, command, { ...place.base, KGSYNC_GRAPH: "graph.json" });
  onTestFinished(terminal.close);
  await vi.waitUntil(() => terminal.screen().includes("[y/N]"), { timeout: 60_000 });
  terminal.type("n\n");
  await vi.waitUntil(() => terminal.screen().includes("nothing was changed"), { timeout: 60_000 });
  expect(place.remote()).toBe(graphOf("one"));
});
