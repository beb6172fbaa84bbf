import { linkSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createNodeFileTree } from "../../src/adapters/node-file-tree/node-file-tree.ts";
import { createRecover } from "../../src/adapters/node-file-tree/recover.ts";
import { sweepTemporaries } from "../../src/adapters/node-file-tree/sweep.ts";
import { type DiskCall, type DiskFault, faultyDisk } from "../support/faulty-disk.ts";
import { tempDir } from "../support/temp-dir.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const PAIRS = [
  ["grows", "o".repeat(3000), "N".repeat(5000)],
  ["shrinks", "o".repeat(5000), "N".repeat(3000)],
] as const;

type Script = (call: DiskCall) => DiskFault;

/** A single-file mount: renames over the graph are refused as the kernel does it, or as a folder that is not ours does. */
const mounted =
  (path: string, script: Script, errno = "EBUSY"): Script =>
  (call) =>
    call.name === "rename" && call.path === path ? errno : script(call);

const enter = (folder: string, old: string, script: Script, errno?: string) => {
  const path = join(folder, "app", "graph.json");
  const journalFolder = join(folder, "state", "journal");
  mkdirSync(join(folder, "app"), { recursive: true });
  writeFileSync(path, old, { mode: 0o600 });
  const { disk, calls } = faultyDisk(mounted(path, script, errno));
  return { path, journalFolder, calls, tree: createNodeFileTree({ journalFolder, disk }) };
};

const count = async (old: string, fresh: string): Promise<readonly DiskCall[]> => {
  const folder = mkdtempSync(join(tmpdir(), "kgsync-"));
  const { tree, path, calls } = enter(folder, old, () => undefined);
  await tree.write(path, bytes(fresh));
  rmSync(folder, { recursive: true });
  return calls;
};

const TABLE = await Promise.all(
  PAIRS.map(async ([how, old, fresh]) => {
    const { length } = await count(old, fresh);
    return Array.from({ length }, (_, index) => ({ how, old, fresh, nth: index + 1 }));
  }),
);

/** Recovers with a crash at the nth call of the recovery itself; false when it had fewer calls than that. */
const crashInRecover = async (path: string, journalFolder: string, nth: number): Promise<boolean> => {
  let fired = false;
  const { disk } = faultyDisk((call) => {
    fired ||= call.n === nth;
    return call.n === nth ? "crash" : undefined;
  });
  await createRecover({ journalFolder, disk })(path).catch(() => undefined);
  return fired;
};

describe("a write in place", () => {
  test("the journal is durable before the first byte of the file is touched, and gone after the last is", async () => {
    const calls = await count(PAIRS[0][1], PAIRS[0][2]);
    const steps = calls
      .filter(({ name }) => ["file.write", "file.truncate", "file.sync", "rename", "unlink"].includes(name))
      .map(({ name, path }) => {
        const what = path.endsWith("graph.json") ? "graph" : path.includes(".kgsync-tmp-") ? "temporary" : "journal";
        return `${name} ${what}`;
      });
    expect(steps.slice(steps.lastIndexOf("file.write temporary"))).toEqual([
      "file.write temporary",
      "file.sync temporary",
      "rename journal",
      "file.sync journal",
      "file.write graph",
      "file.write graph",
      "file.truncate graph",
      "file.sync graph",
      "unlink journal",
      "file.sync journal",
    ]);
  });

  test.each(TABLE.flat())(
    "$how, crash at call $nth: finished or undone by the recovery",
    async ({ old, fresh, nth }) => {
      const folder = tempDir();
      const { tree, path, journalFolder, calls } = enter(folder, old, (call) => (call.n === nth ? "crash" : undefined));
      await tree.write(path, bytes(fresh)).catch(() => undefined);
      expect(calls.length).toBeGreaterThanOrEqual(nth - 1);
      const torn = readFileSync(path, "utf8");
      for (let at = 1; await crashInRecover(path, journalFolder, at); at += 3) {
        // every crash inside a recovery leaves work that the next one does
      }
      const outcome = await createRecover({ journalFolder })(path);
      const content = readFileSync(path, "utf8");
      expect([old, fresh]).toContain(content);
      if (torn !== old && torn !== fresh) expect(content).toBe(fresh); // the new content was whole: nothing is undone
      if (outcome.kind !== "clean") expect(outcome.kept).toBeUndefined();
      expect(await createRecover({ journalFolder })(path)).toEqual({ kind: "clean" });
      await sweepTemporaries(join(folder, "app"));
      expect(readdirSync(join(folder, "app"))).toEqual(["graph.json"]);
    },
  );

  test.each(["EBUSY", "EXDEV", "EPERM", "EACCES", "EROFS"])("is chosen for %s", async (errno) => {
    const { tree, path, journalFolder } = enter(tempDir(), "old", () => undefined, errno);
    await tree.write(path, bytes("new"));
    expect(readFileSync(path, "utf8")).toBe("new");
    expect(readdirSync(journalFolder)).toEqual([]);
  });

  test("is chosen where only the file is writable and not its folder", async () => {
    const { tree, path } = enter(tempDir(), "old", ({ name, path: at }) =>
      name === "open" && at.includes("/app/.kgsync-tmp-") ? "EROFS" : undefined,
    );
    await tree.write(path, bytes("new"));
    expect(readFileSync(path, "utf8")).toBe("new");
  });

  test("is not chosen for what does not exist: there is nothing to write into", async () => {
    const { tree, path } = enter(tempDir(), "old", () => undefined, "EROFS");
    rmSync(path);
    await expect(tree.write(path, bytes("new"))).rejects.toMatchObject({
      code: "disk",
      message: expect.stringContaining("read-only"),
    });
  });

  test.each([
    ["the growth", 1],
    ["the overwriting", 2],
  ])("a full disk in %s: the old content is back, the journal is gone, the error says so", async (_, which) => {
    let writes = 0;
    const { tree, path, journalFolder } = enter(tempDir(), PAIRS[0][1], ({ name, path: at }) =>
      name === "file.write" && at.endsWith("graph.json") && ++writes === which ? "ENOSPC" : undefined,
    );
    await expect(tree.write(path, bytes(PAIRS[0][2]))).rejects.toMatchObject({
      code: "disk",
      message: expect.stringMatching(/no space left.*the old file is intact/),
    });
    expect(writes).toBeGreaterThanOrEqual(which);
    expect(readFileSync(path, "utf8")).toBe(PAIRS[0][1]);
    expect(readdirSync(journalFolder)).toEqual([]);
  });

  test("a disk that dies in the middle: the error names the journal, and the next start finishes", async () => {
    let writes = 0;
    const { tree, path, journalFolder } = enter(tempDir(), PAIRS[0][1], ({ name, path: at }) =>
      name.startsWith("file.") && at.endsWith("graph.json") && name === "file.write" && ++writes >= 2
        ? "EIO"
        : undefined,
    );
    await expect(tree.write(path, bytes(PAIRS[0][2]))).rejects.toMatchObject({
      code: "disk",
      message: expect.stringContaining(journalFolder),
    });
    expect(await createRecover({ journalFolder })(path)).toEqual({ kind: "finished", kept: undefined });
    expect(readFileSync(path, "utf8")).toBe(PAIRS[0][2]);
  });
});

describe("a recovery", () => {
  const crashed = async (folder: string) => {
    let writes = 0;
    const world = enter(folder, "old content", ({ name, path }) =>
      name === "file.write" && path.endsWith("graph.json") && ++writes === 1 ? "crash" : undefined,
    );
    await world.tree.write(world.path, bytes("new content")).catch(() => undefined);
    expect(writes).toBe(1);
    return world;
  };

  test("keeps, by name, what somebody wrote after the crash", async () => {
    const { path, journalFolder } = await crashed(tempDir());
    writeFileSync(path, "restored by hand");
    const outcome = await createRecover({ journalFolder })(path);
    const kept = outcome.kind === "clean" ? undefined : outcome.kept;
    expect(outcome.kind).toBe("finished");
    expect(readFileSync(kept ?? "", "utf8")).toBe("restored by hand");
    expect(readFileSync(path, "utf8")).toBe("new content");
  });

  test("undoes when the new content in the journal is damaged", async () => {
    const { path, journalFolder } = await crashed(tempDir());
    const [name] = readdirSync(journalFolder);
    const journal = join(journalFolder, name ?? "");
    writeFileSync(journal, readFileSync(journal).subarray(0, -3));
    expect(await createRecover({ journalFolder })(path)).toMatchObject({ kind: "undone" });
    expect(readFileSync(path, "utf8")).toBe("old content");
  });

  test.each([
    ["cannot be understood", (journal: Buffer) => journal.subarray(5)],
    [
      "neither content",
      (journal: Buffer) => Buffer.from(journal.toString("latin1").replace(/(old|new) content/g, "x"), "latin1"),
    ],
  ])("refuses, and changes nothing, when the journal is of no use: %s", async (words, damage) => {
    const { path, journalFolder } = await crashed(tempDir());
    const [name] = readdirSync(journalFolder);
    const journal = join(journalFolder, name ?? "");
    writeFileSync(journal, damage(readFileSync(journal)));
    const before = readFileSync(path, "utf8");
    await expect(createRecover({ journalFolder })(path)).rejects.toMatchObject({
      code: "disk",
      message: expect.stringContaining(words),
    });
    expect(readFileSync(path, "utf8")).toBe(before);
    expect(readdirSync(journalFolder)).toEqual([name]);
  });

  test("makes the file again when it was removed after the crash", async () => {
    const { path, journalFolder } = await crashed(tempDir());
    rmSync(path);
    expect(await createRecover({ journalFolder })(path)).toEqual({ kind: "finished", kept: undefined });
    expect(readFileSync(path, "utf8")).toBe("new content");
  });

  test("finds the file again where the volume is mounted elsewhere now, and leaves others alone", async () => {
    const folder = tempDir();
    const { path, journalFolder } = await crashed(folder);
    mkdirSync(join(folder, "elsewhere"));
    writeFileSync(join(folder, "elsewhere", "other.json"), "other");
    expect(await createRecover({ journalFolder })(join(folder, "elsewhere", "other.json"))).toEqual({ kind: "clean" });
    linkSync(path, join(folder, "elsewhere", "graph.json"));
    const outcome = await createRecover({ journalFolder })(join(folder, "elsewhere", "graph.json"));
    expect(outcome).toMatchObject({ kind: "finished" });
    expect(readFileSync(join(folder, "elsewhere", "graph.json"), "utf8")).toBe("new content");
  });
});
