import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createNodeFileTree } from "../../src/adapters/node-file-tree/node-file-tree.ts";
import { sweepTemporaries } from "../../src/adapters/node-file-tree/sweep.ts";
import { type DiskFault, faultyDisk } from "../support/faulty-disk.ts";
import { tempDir } from "../support/temp-dir.ts";

const OLD = "the old content";
const NEW = "the new content, which is longer than the old";
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A folder with the old graph in it, and a tree whose nth call on the disk goes wrong. */
const setUp = (nth: number, fault: DiskFault) => {
  const folder = tempDir();
  const path = join(folder, "graph.json");
  writeFileSync(path, OLD, { mode: 0o600 });
  const faulty = faultyDisk((call) => (call.n === nth ? fault : undefined));
  return { folder, path, ...faulty, tree: createNodeFileTree({ journalFolder: join(folder, "j"), disk: faulty.disk }) };
};

/** How many calls an undisturbed write makes. */
const callsOfAWrite = async (): Promise<readonly string[]> => {
  const { tree, path, calls } = setUp(-1, undefined);
  await tree.write(path, bytes(NEW));
  return calls.map((call) => call.name);
};

const CALLS = await (async () => {
  // Counted once, before the tests: their tables need the number.
  const folder = mkdtempSync(join(tmpdir(), "kgsync-"));
  writeFileSync(join(folder, "graph.json"), OLD);
  const { disk, calls } = faultyDisk(() => undefined);
  await createNodeFileTree({ journalFolder: folder, disk }).write(join(folder, "graph.json"), bytes(NEW));
  rmSync(folder, { recursive: true });
  return calls.length;
})();

const everyCall = Array.from({ length: CALLS }, (_, index) => index + 1);

describe("a write that fails", () => {
  test("the order that makes it whole: content durable, then the name, then the folder", async () => {
    const order = (await callsOfAWrite()).filter((name) => ["file.write", "file.sync", "rename"].includes(name));
    expect(order).toEqual(["file.write", "file.sync", "rename", "file.sync"]);
  });

  test("what a power failure may take is still whole for readers, and waits for no disk", async () => {
    const { tree, path, calls } = setUp(-1, undefined);
    await tree.write(path, bytes(NEW), "passing");
    const order = calls.map(({ name }) => name).filter((name) => ["file.write", "file.sync", "rename"].includes(name));
    expect(order).toEqual(["file.write", "rename"]);
    expect(readFileSync(path, "utf8")).toBe(NEW);
  });

  test.each(everyCall)(
    "full disk at call %i: the error names path and cause, the file is whole, no litter",
    async (nth) => {
      const { tree, path, folder, calls } = setUp(nth, "ENOSPC");
      await expect(tree.write(path, bytes(NEW))).rejects.toMatchObject({
        name: "KgsyncError",
        code: "disk",
        message: expect.stringMatching(/graph\.json: no space left on the device \(ENOSPC\)/),
      });
      expect(calls.length).toBeGreaterThanOrEqual(nth); // the fault has fired
      const afterRename = calls.slice(0, nth - 1).some((call) => call.name === "rename");
      expect(readFileSync(path, "utf8")).toBe(afterRename ? NEW : OLD);
      expect(readdirSync(folder)).toEqual(["graph.json"]);
    },
  );

  test.each(everyCall)(
    "crash at call %i: the file is the old or the new one, and the litter can be swept",
    async (nth) => {
      const { tree, path, folder, calls } = setUp(nth, "crash");
      await expect(tree.write(path, bytes(NEW))).rejects.toThrow();
      expect(calls.length).toBe(nth);
      expect([OLD, NEW]).toContain(readFileSync(path, "utf8"));
      await sweepTemporaries(folder);
      expect(readdirSync(folder)).toEqual(["graph.json"]);
      expect(statSync(path).mode & 0o777).toBe(0o600);
    },
  );

  test.each([
    ["EDQUOT", "quota"],
    ["EIO", "input/output error"],
    ["EMFILE", "too many open files"],
    ["ENAMETOOLONG", "too long"],
  ])("%s is told in words: %s", async (errno, words) => {
    const folder = tempDir();
    const { disk, calls } = faultyDisk((call) => (call.name === "open" ? errno : undefined));
    const tree = createNodeFileTree({ journalFolder: join(folder, "j"), disk });
    await expect(tree.write(join(folder, "new.json"), bytes(NEW))).rejects.toMatchObject({
      code: "disk",
      message: expect.stringContaining(words),
      hint: expect.stringMatching(/\w/),
    });
    expect(calls.some((call) => call.name === "open")).toBe(true);
    expect(readdirSync(folder)).toEqual([]);
  });

  test("a folder that cannot be synced (FUSE) is no failure", async () => {
    const { path, folder } = setUp(-1, undefined);
    let syncs = 0;
    const { disk } = faultyDisk((call) => (call.name === "file.sync" && ++syncs === 2 ? "EINVAL" : undefined));
    await createNodeFileTree({ journalFolder: join(folder, "j"), disk }).write(path, bytes(NEW));
    expect(syncs).toBe(2);
    expect(readFileSync(path, "utf8")).toBe(NEW);
  });
});

describe("a read that cannot be trusted", () => {
  test("a file that changes during every read is moving", async () => {
    const folder = tempDir();
    const path = join(folder, "graph.json");
    let version = 0;
    const { disk, calls } = faultyDisk(({ name }) => {
      if (name === "file.read") writeFileSync(path, "x".repeat(++version));
      return undefined;
    });
    writeFileSync(path, "");
    expect(await createNodeFileTree({ journalFolder: folder, disk }).read(path)).toEqual({ kind: "moving" });
    expect(calls.filter((call) => call.name === "open").length).toBeGreaterThan(1);
  });

  test("a file replaced during the first read is read again", async () => {
    const folder = tempDir();
    const path = join(folder, "graph.json");
    writeFileSync(path, "first");
    let replaced = false;
    const { disk } = faultyDisk(({ name }) => {
      if (name !== "file.read" || replaced) return undefined;
      replaced = true;
      writeFileSync(`${path}.new`, "other");
      renameSync(`${path}.new`, path);
      return undefined;
    });
    const outcome = await createNodeFileTree({ journalFolder: folder, disk }).read(path);
    expect(outcome).toMatchObject({ kind: "still", bytes: bytes("other") });
  });

  test("an unreadable folder rejects, an unreadable file is skipped with the reason", async () => {
    const folder = tempDir();
    mkdirSync(join(folder, "b"));
    writeFileSync(join(folder, "b", "secret"), "1");
    writeFileSync(join(folder, "b", "open"), "1");
    const unreadable = faultyDisk((call) =>
      call.name === "access" && call.path.endsWith("secret") ? "EACCES" : undefined,
    );
    const tree = createNodeFileTree({ journalFolder: folder, disk: unreadable.disk });
    expect(await tree.scan(folder, 10)).toMatchObject({
      files: [{ name: "b/open" }],
      skipped: [{ name: "b/secret", why: "may not be read" }],
    });
    const denied = faultyDisk((call) => (call.name === "readdir" && call.path.endsWith("/b") ? "EACCES" : undefined));
    await expect(
      createNodeFileTree({ journalFolder: folder, disk: denied.disk }).scan(folder, 10),
    ).rejects.toMatchObject({
      code: "disk",
      message: expect.stringContaining("permission denied"),
    });
  });

  test("lost+found of a volume's root does not stop a scan", async () => {
    const folder = tempDir();
    mkdirSync(join(folder, "lost+found"));
    writeFileSync(join(folder, "a"), "1");
    const { disk } = faultyDisk((call) =>
      call.name === "readdir" && call.path.endsWith("lost+found") ? "EACCES" : undefined,
    );
    expect(await createNodeFileTree({ journalFolder: folder, disk }).scan(folder, 10)).toMatchObject({
      files: [{ name: "a" }],
      skipped: [{ name: "lost+found", why: "may not be read" }],
    });
  });
});

test("the owner is asked for as it was, and an answer of `not permitted` does not stop the write", async () => {
  const folder = tempDir();
  const path = join(folder, "graph.json");
  writeFileSync(path, OLD);
  chmodSync(path, 0o664);
  const { disk } = faultyDisk((call) => (call.name === "file.chown" ? "EPERM" : undefined));
  await createNodeFileTree({ journalFolder: folder, disk }).write(path, bytes(NEW));
  expect(readFileSync(path, "utf8")).toBe(NEW);
  expect(statSync(path).mode & 0o777).toBe(0o664);
});
