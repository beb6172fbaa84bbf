import { describe, expect, test } from "vitest";
import { createBudget } from "../../src/app/budget.ts";
import { bringBackups } from "../../src/app/start-all.ts";
import { KgsyncError } from "../../src/core/errors.ts";
import { variantName } from "../../src/core/plan-backups.ts";
import type { Stamp } from "../../src/ports/file-tree.ts";
import { type AppProcess, type AppWorld, createAppWorld, type ProcessOptions } from "../support/app-world.ts";

/** What the bucket holds as backups, by name without the prefix. */
const inBucket = (world: AppWorld): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(world.objects())
      .filter(([name]) => name.startsWith("backups/"))
      .map(([name, text]) => [name.slice("backups/".length), text]),
  );

const started = async (world: AppWorld, options: ProcessOptions = {}): Promise<AppProcess> => {
  const process = world.boot(options);
  await process.start();
  return process;
};

/** One whole life without a change by the app. */
const life = async (world: AppWorld, options: ProcessOptions = {}): Promise<AppProcess> => {
  const process = await started(world, options);
  expect(await process.finish()).toMatchObject({ data: "safe" });
  return process;
};

describe("a set of files on both sides", () => {
  test("each side gets what it lacks; nothing else is touched", async () => {
    const world = createAppWorld();
    await world.upload("backups/theirs.json", "theirs");
    await world.upload("backups/both.json", "both");
    world.addBackup("ours.json", "ours");
    world.addBackup("both.json", "both");
    await life(world);
    const all = { "theirs.json": "theirs", "ours.json": "ours", "both.json": "both" };
    expect(await world.backups()).toEqual(all);
    expect(inBucket(world)).toEqual(all);
  });

  test("files in folders keep their place", async () => {
    const world = createAppWorld();
    await world.upload("backups/20260101000000/src/main.go", "code");
    world.addBackup("20260202000000/backup_info.txt", "info");
    await life(world);
    expect(world.disk.app.read("/data/backups/20260101000000/src/main.go")).toEqual(world.encode("code"));
    expect(inBucket(world)["20260202000000/backup_info.txt"]).toBe("info");
  });

  test("same name, other content: both stay on both sides, under names of their content", async () => {
    const world = createAppWorld();
    await world.upload("backups/a.json", "theirs");
    world.addBackup("a.json", "ours");
    await life(world);
    const theirs = variantName("a.json", world.digest("theirs"));
    const ours = variantName("a.json", world.digest("ours"));
    expect(await world.backups()).toEqual({ "a.json": "ours", [theirs]: "theirs" });
    expect(inBucket(world)).toEqual({ "a.json": "theirs", [ours]: "ours" });
  });

  test("and later starts change nothing more: one LIST, no copy of a copy", async () => {
    const world = createAppWorld();
    await world.upload("backups/a.json", "theirs");
    world.addBackup("a.json", "ours");
    await life(world);
    const before = [await world.backups(), inBucket(world)];
    await world.clock.advance(10_000);
    for (let n = 0; n < 2; n++) {
      const process = await life(world);
      expect(process.requests.filter((request) => request.includes("backups/"))).toEqual(["list backups/"]);
      expect([await world.backups(), inBucket(world)]).toEqual(before);
    }
  });

  test("a local backup that was changed is a new name in the bucket", async () => {
    const world = createAppWorld();
    world.addBackup("a.json", "one");
    await life(world);
    world.addBackup("a.json", "two");
    await life(world);
    expect(inBucket(world)).toEqual({ "a.json": "one", [variantName("a.json", world.digest("two"))]: "two" });
  });

  test("a variant's name that a person took for something else is not overwritten", async () => {
    const world = createAppWorld();
    await world.upload("backups/a.json", "theirs");
    const variant = variantName("a.json", world.digest("theirs"));
    world.addBackup("a.json", "ours");
    world.addBackup(variant, "mine");
    const process = await started(world);
    expect(await world.backups()).toEqual({ "a.json": "ours", [variant]: "mine" });
    expect(process.events()).toContain("backup.refused");
  });

  test("a file that the app makes while the bucket's comes down is not overwritten", async () => {
    const world = createAppWorld();
    await world.upload("backups/a.json", "theirs");
    await started(world, {
      store: (store) => ({
        ...store,
        get: (key, signal) => {
          if (key === "backups/a.json") world.addBackup("a.json", "the app's");
          return store.get(key, signal);
        },
      }),
    });
    expect((await world.backups())["a.json"]).toBe("the app's");
    expect(Object.values(await world.backups()).sort()).toEqual(["the app's", "theirs"]);
  });

  test.each([
    ["emptied", ["a.json", "b.json"]],
    ["one file gone", ["a.json"]],
  ])("folder %s: nothing is deleted in the bucket, and it comes back", async (_, gone) => {
    const world = createAppWorld();
    world.addBackup("a.json", "a");
    world.addBackup("b.json", "b");
    await life(world);
    for (const name of gone) world.disk.app.remove(`/data/backups/${name}`);
    await life(world, { rules: { backupsPull: { kind: "none" } } });
    expect(inBucket(world)).toEqual({ "a.json": "a", "b.json": "b" });
    await life(world);
    expect(await world.backups()).toEqual({ "a.json": "a", "b.json": "b" });
  });

  test("folder missing: no error, nothing is deleted", async () => {
    const world = createAppWorld();
    await world.upload("backups/a.json", "a");
    const process = await life(world, { rules: { backupsPull: { kind: "none" } } });
    expect(inBucket(world)).toEqual({ "a.json": "a" });
    expect(process.requests.filter((request) => request.startsWith("delete"))).toEqual([]);
  });

  test("deleted in the bucket by hand: it stays on disk", async () => {
    const world = createAppWorld();
    world.addBackup("a.json", "a");
    await life(world);
    world.erase("backups/a.json");
    await life(world);
    expect(await world.backups()).toEqual({ "a.json": "a" });
  });
});

describe("hostile names", () => {
  const HOSTILE = ["../escape", "/etc/passwd", "a//b", "a/./b", "a\\b", "nul\u0000", "x/../../y"];

  test("each is refused by name, the rest comes down", async () => {
    const world = createAppWorld();
    await world.upload("backups/good.json", "good");
    const entry = world.bucketOf("memory:").objects.get("backups/good.json");
    if (entry === undefined) throw new Error("no entry");
    for (const name of HOSTILE) world.bucketOf("memory:").objects.set(`backups/${name}`, entry);
    world.bucketOf("memory:").objects.set("backups/folder/", entry);
    const process = await life(world);
    expect(await world.backups()).toEqual({ "good.json": "good" });
    const refused = process.lines.filter(({ event }) => event === "backup.refused").map(({ fields }) => fields["name"]);
    expect(refused.sort()).toEqual([...HOSTILE].sort());
  });

  test("a symbolic link on the way is refused, the rest comes down", async () => {
    const world = createAppWorld();
    await world.upload("backups/out/a.json", "a");
    await world.upload("backups/b.json", "b");
    world.disk.app.folder("/etc");
    world.disk.app.link("/data/backups/out", "/etc");
    const process = await started(world);
    expect(world.disk.app.read("/etc/a.json")).toBeUndefined();
    expect(world.disk.app.read("/data/backups/b.json")).toEqual(world.encode("b"));
    expect(process.events()).toContain("backup.refused");
  });
});

describe("what goes up when", () => {
  test("a young file waits two seconds; the final push does not", async () => {
    const world = createAppWorld();
    const process = await started(world);
    world.addBackup("a.json", "half");
    expect(await process.push()).toMatchObject({ data: "safe", retry: "soon" });
    expect(inBucket(world)).toEqual({});
    await world.clock.advance(3_000);
    expect(await process.push()).toMatchObject({ data: "safe", retry: "none" });
    expect(inBucket(world)).toEqual({ "a.json": "half" });

    const other = createAppWorld();
    const last = await started(other);
    other.addBackup("a.json", "whole");
    expect(await last.finish()).toMatchObject({ data: "safe" });
    expect(inBucket(other)).toEqual({ "a.json": "whole" });
  });

  test("a file that is written to between scan and read waits", async () => {
    const world = createAppWorld();
    const process = await started(world);
    world.addBackup("a.json", "half");
    await world.clock.advance(3_000);
    world.disk.fault({ on: "read", path: "a.json", what: "moving" });
    expect(await process.push()).toMatchObject({ data: "safe", retry: "soon" });
    expect(inBucket(world)).toEqual({});
    expect(await process.push()).toMatchObject({ retry: "none" });
    expect(inBucket(world)).toEqual({ "a.json": "half" });
  });

  test("also at the end: the final push looks again rather than leave it behind", async () => {
    const world = createAppWorld();
    const process = await started(world);
    world.addBackup("a.json", "whole");
    world.disk.fault({ on: "read", path: "a.json", what: "moving" });
    expect(await process.finish()).toMatchObject({ data: "safe" });
    expect(inBucket(world)).toEqual({ "a.json": "whole" });
    expect(world.disk.unplayed()).toEqual([]);
  });

  test("a change that leaves the same stamp is noticed, when the stamp was young as it was read", async () => {
    const world = createAppWorld();
    let pinned: Stamp | undefined;
    const pin = (stamp: Stamp): Stamp => {
      pinned ??= stamp;
      return pinned;
    };
    const process = await started(world, {
      files: (files) => ({
        ...files,
        scan: async (folder, limit) => {
          const scan = await files.scan(folder, limit);
          if (scan.kind === "absent") return scan;
          return { ...scan, files: scan.files.map(({ name, stamp }) => ({ name, stamp: pin(stamp) })) };
        },
        readBelow: async (folder, name) => {
          const read = await files.readBelow(folder, name);
          return read.kind === "still" ? { ...read, stamp: pin(read.stamp) } : read;
        },
      }),
    });
    world.addBackup("a.json", "one");
    await process.finish();
    world.addBackup("a.json", "two");
    await process.finish();
    expect(Object.values(inBucket(world))).toEqual(["one", "two"]);
  });

  test("another bucket gets them all: what the books say is of the old one", async () => {
    const world = createAppWorld();
    world.addBackup("a.json", "a");
    await life(world, { bucket: "old:" });
    await world.clock.advance(10_000);
    await life(world, { bucket: "old:" });
    await world.clock.advance(10_000);
    await life(world);
    expect(inBucket(world)).toEqual({ "a.json": "a" });
  });

  test("one file that cannot be read does not keep the others down here, and is told", async () => {
    const world = createAppWorld();
    const process = await started(world);
    for (let n = 10; n < 40; n++) world.addBackup(`${n}.json`, String(n));
    world.disk.fault({ on: "read", path: "10.json", what: "EACCES" });
    const pushed = await process.push();
    await world.clock.advance(3_000);
    const again = pushed.error === undefined ? await process.push() : pushed;
    expect(again).toMatchObject({ data: "unsafe", error: { code: "disk" } });
    expect(again.why).toContain("10.json");
    expect(Object.keys(inBucket(world))).toHaveLength(29);
    expect(await process.finish()).toMatchObject({ data: "safe" });
    expect(Object.keys(inBucket(world))).toHaveLength(30);
  });

  test("a bucket that does not answer ends the round, not the graph's push", async () => {
    const world = createAppWorld();
    const process = await started(world);
    for (let n = 10; n < 60; n++) world.addBackup(`${n}.json`, String(n));
    world.save('{"services":{"a":1}}');
    await world.clock.advance(3_000);
    const error = new KgsyncError("bucket-denied", "scripted: 403");
    process.play({ on: "put", key: (key) => key.startsWith("backups/"), kind: "error", error });
    expect(await process.push()).toMatchObject({ data: "unsafe", retry: "later" });
    expect(world.remote()).toBe('{"services":{"a":1}}');
    expect(Object.keys(inBucket(world)).length).toBeLessThan(50);
    expect(await process.finish()).toMatchObject({ data: "safe" });
    expect(Object.keys(inBucket(world))).toHaveLength(50);
  });

  test("books that cannot be written cost nothing but time", async () => {
    const world = createAppWorld();
    const process = await started(world);
    world.addBackup("a.json", "a");
    world.disk.fault({ on: "write", path: "backups.json", what: "ENOSPC" });
    expect(await process.finish()).toMatchObject({ data: "safe" });
    expect(process.events()).toContain("backup.ledger");
    expect(world.disk.unplayed()).toEqual([]);
  });

  const key = "backups/a.json";
  test.each([
    ["applied", { on: "put", key, kind: "lost-response" }],
    ["not applied", { on: "put", key, kind: "lost-request" }],
  ] as const)("a lost answer, %s: one object, under its own name", async (_, fault) => {
    const world = createAppWorld();
    const process = await started(world);
    world.addBackup("a.json", "a");
    process.play(fault);
    expect(await process.finish()).toMatchObject({ data: "safe" });
    expect(inBucket(world)).toEqual({ "a.json": "a" });
    process.expectAllPlayed();
  });

  test("what another tool put there is compared by its bytes", async () => {
    const world = createAppWorld();
    const process = await started(world);
    world.addBackup("a.json", "a");
    await world.upload("backups/a.json", "a");
    expect(await process.finish()).toMatchObject({ data: "safe" });
    expect(inBucket(world)).toEqual({ "a.json": "a" });
  });

  test("a large file goes up piece by piece, whole", async () => {
    const world = createAppWorld();
    const process = await started(world);
    const text = "0123456789abcdef".repeat(1_100_000);
    world.addBackup("large.json", text);
    expect(await process.finish()).toMatchObject({ data: "safe" });
    expect(inBucket(world)["large.json"]).toBe(text);
  });
});

describe("what comes down", () => {
  const names = ["20260101", "20260102", "20260103", "20260104"];
  const full = async (): Promise<AppWorld> => {
    const world = createAppWorld();
    for (const name of names) await world.upload(`backups/${name}.json`, name);
    return world;
  };

  test.each([
    ["all", { kind: "all" }, names],
    ["latest:2", { kind: "latest", count: 2 }, names.slice(2)],
    ["latest:0", { kind: "latest", count: 0 }, []],
    ["none", { kind: "none" }, []],
    ["background: not before the app", { kind: "background" }, []],
  ] as const)("%s", async (_, backupsPull, expected) => {
    const world = await full();
    const process = await started(world, { rules: { backupsPull } });
    expect(Object.values(await world.backups())).toEqual([...expected]);
    if (backupsPull.kind === "none") expect(process.requests).not.toContain("list backups/");
    expect(await process.finish()).toMatchObject({ data: "safe" });
    expect(Object.keys(inBucket(world))).toHaveLength(4);
  });

  test("background: while the app runs", async () => {
    const world = await full();
    const process = await started(world, { rules: { backupsPull: { kind: "background" } } });
    const { io, ledger } = process.pushing();
    await world.drive(bringBackups(io, ledger, createBudget(world.clock, 60_000, 60_000)));
    expect(Object.values(await world.backups())).toEqual(names);
  });

  test("a second start with nothing changed: one LIST, nothing read", async () => {
    const world = await full();
    await life(world);
    await world.clock.advance(10_000);
    await life(world);
    const before = { ...world.disk.counts };
    const process = await started(world);
    expect([...process.requests].sort()).toEqual(["get knowledge_graph.json", "list backups/"]);
    expect(world.disk.counts.read - before.read).toBeLessThanOrEqual(3); // state, books, graph
  });

  test("without the books everything is compared, and nothing copied", async () => {
    const world = await full();
    await life(world);
    await world.forget();
    await life(world);
    expect(Object.values(await world.backups())).toEqual(names);
    expect(Object.keys(inBucket(world))).toHaveLength(4);
  });

  test("more than the limit is refused with the setting to change", async () => {
    const world = await full();
    await expect(world.boot({ rules: { backupsLimit: 3 } }).start()).rejects.toMatchObject({
      code: "config-invalid",
      hint: expect.stringContaining("KGSYNC_BACKUPS_LIMIT"),
    });
  });

  test("a full disk refuses the start, and the next one goes on", async () => {
    const world = await full();
    world.disk.fault({ on: "write", path: "20260103.json", what: "ENOSPC" });
    await expect(world.boot().start()).rejects.toMatchObject({ code: "disk" });
    await started(world);
    expect(Object.values(await world.backups())).toEqual(names);
  });

  test("a backup removed since it was listed is no error", async () => {
    const world = await full();
    await started(world, {
      store: (store) => ({
        ...store,
        get: (name, signal) => {
          if (name.startsWith("backups/")) world.erase("backups/20260102.json");
          return store.get(name, signal);
        },
      }),
    });
    expect((await world.backups())["20260104.json"]).toBe("20260104");
  });
});
