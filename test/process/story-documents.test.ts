import { join } from "node:path";
import { expect, test } from "vitest";
import type { RunningKgsync } from "../support/run-kgsync.ts";
import { createStoryPlace, graphOf } from "../support/story-place.ts";
import { useBundle } from "../support/use-bundle.ts";

const bin = useBundle();

const INCLUDE = {
  KGSYNC_INCLUDE: "memory.jsonl:merge-jsonl,etc/settings.json:merge-json,attachments:immutable-set,cache.db:replace",
};

const entity = (name: string): string => JSON.stringify({ type: "entity", name, observations: [] });
const lines = (...names: readonly string[]): string => names.map(entity).join("\n");

/** A machine: its own disk, and a bucket that is another's if one is given. */
const createPlace = (bucket?: string) => {
  const place = createStoryPlace(bin);
  const env = { ...INCLUDE, ...(bucket === undefined ? {} : { KGSYNC_BUCKET: `file://${bucket}` }) };
  const shared = bucket ?? place.bucket;
  return {
    ...place,
    run: (extra = {}, first: object = {}) => place.run(first, { ...env, ...extra }),
    command: (args: readonly string[], extra = {}) => place.start(args, { ...env, ...extra }),
    disk: (name: string) => place.textAt(join(place.cwd, name)),
    remote: (name: string) => place.textAt(join(shared, name)),
    shared,
  };
};

const save = (run: RunningKgsync, path: string, text: string): void => run.say(JSON.stringify({ file: [path, text] }));

const stored = (run: RunningKgsync, document: string): number =>
  run.logs().filter((line) => line.event === "push.stored" && line["document"] === document).length;

const stop = async (run: RunningKgsync): Promise<void> => {
  run.signal("SIGTERM");
  expect(await run.ended).toEqual({ code: 143, signal: null });
};

test("a first boot with nothing anywhere; each document goes to the bucket under its own name, and comes to another machine", async () => {
  const place = createPlace();
  const run = place.run({}, { save: graphOf("one") });
  await run.waitForEvent("push.stored");
  save(run, "memory.jsonl", lines("ann"));
  save(run, "etc/settings.json", '{"colour":"red"}');
  save(run, "attachments/a/picture.png", "not really");
  save(run, "cache.db", "\u0000\u0001 bytes");
  await stop(run);
  for (const name of ["memory.jsonl", "etc/settings.json", "attachments/a/picture.png", "cache.db"])
    expect(place.remote(name)).toBe(place.disk(name));
  expect(run.err()).toContain('"data":"safe"');

  const other = createPlace(place.bucket);
  const again = other.run();
  await again.waitForLine(/app: ready/);
  for (const name of ["memory.jsonl", "etc/settings.json", "attachments/a/picture.png", "cache.db"])
    expect(other.disk(name)).toBe(place.disk(name));
  await stop(again);
});

test("two at once: records of both are merged, and each disk has them at the end", async () => {
  const one = createPlace();
  const first = one.run();
  await first.waitForLine(/app: ready/);
  save(first, "memory.jsonl", lines("ann"));
  await first.waitForEvent("push.stored");
  const two = createPlace(one.bucket);
  const second = two.run();
  await second.waitForLine(/app: ready/);
  save(first, "memory.jsonl", lines("ann", "bob"));
  await first.waitForEvent("push.stored", 2);
  save(second, "memory.jsonl", lines("ann", "cid"));
  await second.waitForEvent("merge.done");
  await second.waitForEvent("push.stored");
  expect(one.remote("memory.jsonl")?.split("\n").sort()).toEqual(["ann", "bob", "cid"].map(entity));
  await stop(second);
  expect(two.disk("memory.jsonl")).toBe(one.remote("memory.jsonl")); // the one that merged
  await stop(first);
  const again = one.run();
  await again.waitForLine(/app: ready/);
  expect(one.disk("memory.jsonl")).toBe(one.remote("memory.jsonl"));
  await stop(again);
  expect(one.objects().filter((name) => name.includes("conflicts"))).toEqual([]);
});

test("killed with saves that no push has seen: the next start brings them over, merged with what others wrote", async () => {
  const one = createPlace();
  const first = one.run();
  await first.waitForLine(/app: ready/);
  save(first, "memory.jsonl", lines("ann"));
  await first.waitForEvent("push.stored");
  await first.killAll();
  one.put(join(one.cwd, "memory.jsonl"), lines("ann", "bob"));
  one.put(join(one.cwd, "etc/settings.json"), '{"new":true}');
  one.put(join(one.bucket, "memory.jsonl"), lines("ann", "cid"));
  const again = one.run();
  await again.waitForLine(/app: ready/);
  expect(one.disk("memory.jsonl")?.split("\n").sort()).toEqual(["ann", "bob", "cid"].map(entity));
  expect(one.remote("memory.jsonl")).toBe(one.disk("memory.jsonl"));
  expect(one.remote("etc/settings.json")).toBe('{"new":true}');
  await stop(again);
});

test("bytes that both have changed: the later save is the bucket's, and the other is kept under a name that the log prints", async () => {
  const one = createPlace();
  const first = one.run();
  await first.waitForLine(/app: ready/);
  save(first, "cache.db", "from the beginning");
  await expect.poll(() => stored(first, "cache.db"), { timeout: 30_000 }).toBe(1);
  const two = createPlace(one.bucket);
  const second = two.run();
  await second.waitForLine(/app: ready/);
  save(first, "cache.db", "of the first");
  await expect.poll(() => stored(first, "cache.db"), { timeout: 30_000 }).toBe(2);
  save(second, "cache.db", "of the second");
  await second.waitForLine(/app: did file/);
  await stop(second);
  expect(one.remote("cache.db")).toBe("of the second");
  const told = second.logs().find(({ event }) => event === "merge.conflicts") ?? {};
  expect(told).toMatchObject({ level: "warn", document: "cache.db", conflicts: 1 });
  expect(String(Reflect.get(told, "key"))).toMatch(/^\.kgsync\/documents\/cache\.db\/conflicts\//);
  const record = JSON.parse(one.remote(String(Reflect.get(told, "key"))) ?? "");
  expect(one.remote(record.theirs.key)).toBe("of the first");
  await stop(first);
  expect(one.disk("cache.db")).toBe("of the first"); // it has read nothing since; the next start brings the other
});

test("a document that is torn keeps the data unsafe, whatever the graph is: 75, and the last line names it", async () => {
  const place = createPlace();
  const run = place.run({}, { save: graphOf("one") });
  await run.waitForEvent("push.stored");
  save(run, "memory.jsonl", `${entity("ann")}\n{"type":"ent`);
  await run.waitForLine(/app: did file/);
  run.signal("SIGTERM");
  expect(await run.ended).toEqual({ code: 75, signal: null });
  expect(place.terminationLog()).toContain("memory.jsonl");
  expect(place.remote("memory.jsonl")).toBeUndefined();
  const kept = place.objects().find((name) => name.includes("documents/memory.jsonl/conflicts/quarantine-"));
  expect(place.remote(kept ?? "")).toContain('{"type":"ent');
});

test("push, pull, sync and status deal with all of them", async () => {
  const one = createPlace();
  one.put(one.graph, graphOf("one"));
  one.put(join(one.cwd, "memory.jsonl"), lines("ann"));
  one.put(join(one.cwd, "attachments/a.txt"), "a");
  const before = one.command(["status"]);
  expect((await before.ended).code).toBe(1);
  expect(before.out()).toMatch(/^memory\.jsonl +create: /m);
  expect((await one.command(["push"]).ended).code).toBe(0);
  expect(one.remote("memory.jsonl")).toBe(lines("ann"));
  const status = one.command(["status", "--json"]);
  expect((await status.ended).code).toBe(0);

  const two = createPlace(one.bucket);
  expect((await two.command(["pull"]).ended).code).toBe(0);
  expect(two.disk("memory.jsonl")).toBe(lines("ann"));
  expect(two.disk("attachments/a.txt")).toBe("a");
  two.put(join(two.cwd, "memory.jsonl"), lines("ann", "bob"));
  one.put(join(one.cwd, "memory.jsonl"), lines("ann", "cid"));
  expect((await two.command(["sync"]).ended).code).toBe(0);
  const synced = one.command(["sync"]);
  expect((await synced.ended).code).toBe(0);
  expect(synced.out()).toContain("memory.jsonl: the document on disk is merged with the bucket's");
  expect(one.disk("memory.jsonl")?.split("\n").sort()).toEqual(["ann", "bob", "cid"].map(entity));
  expect(one.disk("memory.jsonl")).toBe(one.remote("memory.jsonl"));
});

test("a tool under exec has its own copies of the documents, beside the running app", async () => {
  const place = createPlace();
  const app = place.run();
  await app.waitForLine(/app: ready/);
  save(app, "memory.jsonl", lines("ann"));
  await app.waitForEvent("push.stored");
  const script = `const fs = require("node:fs");
    fs.appendFileSync("memory.jsonl", ${JSON.stringify(`\n${entity("tool")}`)});`;
  const tool = place.command(["exec", "--", process.execPath, "-e", script]);
  expect((await tool.ended).code).toBe(0);
  expect(place.remote("memory.jsonl")).toBe(lines("ann", "tool"));
  expect(place.disk("memory.jsonl")).toBe(lines("ann"));
  save(app, "memory.jsonl", lines("ann", "bob")); // it has never heard of the tool's
  await app.waitForEvent("merge.done");
  await app.waitForEvent("push.stored", 2);
  await stop(app);
  expect(place.disk("memory.jsonl")?.split("\n").sort()).toEqual(["ann", "bob", "tool"].map(entity));
});

test("what cannot be meant is refused before anything happens, all at once", async () => {
  const place = createPlace();
  const run = place.run({
    KGSYNC_INCLUDE: "a.json:merge-json,a.json:replace,../up:replace,backups/x:replace,amadeus/.kgsync/y:replace,z:what",
  });
  expect((await run.ended).code).toBe(78);
  expect(place.objects()).toEqual([]);
  for (const word of ["names a.json twice", "../up", "backups/x", "z:what"]) expect(run.err()).toContain(word);
});

test("two that would be one object in the bucket are refused", async () => {
  const place = createStoryPlace(bin);
  const graph = join(place.root, "elsewhere/memory.jsonl");
  const run = place.run({}, { KGSYNC_GRAPH: graph, KGSYNC_INCLUDE: "memory.jsonl:merge-jsonl" });
  expect((await run.ended).code).toBe(78);
  expect(run.err()).toContain("would both be memory.jsonl in the bucket");
});

test("the graph alone may be a file of records", async () => {
  const place = createStoryPlace(bin);
  const env = { KGSYNC_GRAPH: "memory.jsonl", KGSYNC_BACKUPS: "" };
  const run = place.run({ file: ["memory.jsonl", lines("ann", "bob")] }, env);
  await run.waitForEvent("push.stored");
  await stop(run);
  expect(place.objects().filter((name) => !name.startsWith(".kgsync"))).toEqual(["memory.jsonl"]);
  expect(place.textAt(join(place.bucket, "memory.jsonl"))).toBe(lines("ann", "bob"));
});

test("a document has a history of its own: log, diff, conflicts and restore know it by its name", async () => {
  const place = createPlace();
  const run = place.run();
  await run.waitForLine(/app: ready/);
  for (const [n, text] of [lines("ann"), lines("ann", "bob"), lines("bob", "cid")].entries()) {
    save(run, "memory.jsonl", text);
    await run.waitForEvent("push.stored", n + 1);
  }
  save(run, "cache.db", "mine");
  await expect.poll(() => stored(run, "cache.db"), { timeout: 30_000 }).toBe(1);
  place.put(join(place.bucket, "cache.db"), "theirs");
  save(run, "cache.db", "mine, and more");
  await expect.poll(() => run.out().split("did file").length - 1, { timeout: 30_000 }).toBe(5);
  await stop(run);
  const say = async (...args: readonly string[]) => {
    const command = place.command([...args]);
    const { code } = await command.ended;
    return { code, out: command.out() + (code === 0 || code === 1 ? "" : command.err()) };
  };
  const log = JSON.parse((await say("log", "--document", "memory.jsonl", "--json")).out);
  expect(log.entries.map(({ kind }: { kind: string }) => kind)).toEqual(["graph", "version", "version"]);
  const [, newest] = log.entries;
  expect(await say("diff", newest.name, "--document", "memory.jsonl")).toMatchObject({
    code: 1,
    out: expect.stringContaining("the document: 1 changed"),
  });
  expect(await say("restore", newest.name, "--document", "memory.jsonl", "--yes")).toMatchObject({ code: 0 });
  expect(place.remote("memory.jsonl")).toBe(lines("ann", "bob"));
  expect(place.disk("memory.jsonl")).toBe(lines("ann", "bob"));

  const conflicts = JSON.parse((await say("conflicts", "--document", "cache.db", "--json")).out).conflicts;
  expect(conflicts).toHaveLength(1);
  const resolved = await say("conflicts", "resolve", conflicts[0].name, "--theirs", "--yes", "--document", "cache.db");
  expect(resolved.code).toBe(0);
  expect(place.remote("cache.db")).toBe("theirs");
  expect(place.disk("cache.db")).toBe("theirs");
  expect((await say("log", "--document", "attachments")).out).toContain("KGSYNC_INCLUDE has no such file");
  const pruned = JSON.parse((await say("prune", "--history", "1", "--json")).out);
  expect(pruned.versions.map(({ name }: { name: string }) => name)).toContainEqual(
    expect.stringMatching(/^\.kgsync\/documents\/memory\.jsonl\/versions\//),
  );
});

test("with the lease on, and an app started anew on what others write, documents are handed over too", async () => {
  const settings = { KGSYNC_LEASE: "on", KGSYNC_ON_REMOTE_CHANGE: "restart", KGSYNC_INTERVAL: "200ms" };
  const place = createPlace();
  const run = place.run(settings);
  await run.waitForLine(/app: ready/);
  save(run, "memory.jsonl", lines("ann"));
  await run.waitForEvent("push.stored");
  place.put(join(place.bucket, "memory.jsonl"), lines("ann", "theirs"));
  await run.waitForEvent("child.started", 2);
  expect(place.disk("memory.jsonl")).toBe(lines("ann", "theirs"));
  await run.waitForEvent("start.plan", 4);
  await stop(run);
});

test("the sidecar keeps documents in step that another container's app writes", async () => {
  const place = createPlace();
  const watch = place.command(["watch"]);
  await watch.waitForEvent("watch.started");
  place.put(join(place.cwd, "memory.jsonl"), lines("ann"));
  await watch.waitForEvent("push.stored");
  expect(place.remote("memory.jsonl")).toBe(lines("ann"));
  watch.signal("SIGTERM");
  expect((await watch.ended).code).toBe(0);
});

test("the graph may be bytes, if an entry that names it says so; a backslash in its name is no matter", async () => {
  const place = createStoryPlace(bin);
  const env = { KGSYNC_GRAPH: "data/app.db", KGSYNC_INCLUDE: "./data/app.db:replace", KGSYNC_BACKUPS: "" };
  const run = place.run({ file: ["data/app.db", "\u0001 bytes"] }, env);
  await run.waitForLine(/app: ready/);
  await stop(run);
  expect(place.textAt(join(place.bucket, "app.db"))).toBe("\u0001 bytes");
  const odd = place.run({ file: ["o\\dd.json", "{}"] }, { KGSYNC_GRAPH: "o\\dd.json", KGSYNC_BACKUPS: "" });
  await odd.waitForEvent("push.stored");
  await stop(odd);
  expect(place.remote()).toBe("{}");
});
