import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Disk, nodeDisk } from "../../../src/adapters/node-file-tree/disk.ts";
import { createNodeFileTree } from "../../../src/adapters/node-file-tree/node-file-tree.ts";
import { tempDir } from "../../support/temp-dir.ts";

const FILES = 200;
const names = Array.from({ length: FILES }, (_, n) => `backup-${n}.json`);

/** The real disk, and how often each call was made; those of open files as `file.NAME`. */
const countedDisk = () => {
  const counts: Record<string, number> = {};
  const counted = <T extends object>(target: T, prefix: string): T =>
    new Proxy(target, {
      get: (of, name) => {
        const value = Reflect.get(of, name);
        if (typeof value !== "function") return value;
        return (...args: unknown[]) => {
          const called = `${prefix}${String(name)}`;
          counts[called] = (counts[called] ?? 0) + 1;
          return Reflect.apply(value, of, args);
        };
      },
    });
  const open: Disk["open"] = async (...args) => counted(await nodeDisk.open(...args), "file.");
  return { disk: counted<Disk>({ ...nodeDisk, open }, ""), counts };
};

test("a file of many is made by as few calls as whole and durable takes; the folder is looked at once for all", async () => {
  const { disk, counts } = countedDisk();
  const temp = tempDir();
  const tree = createNodeFileTree({ journalFolder: join(temp, "journal"), disk });
  const folder = join(temp, "backups");
  await Promise.all(names.map((name) => tree.createBelow(folder, name, new Uint8Array(20))));
  expect(readdirSync(folder).sort()).toEqual([...names].sort());
  expect(counts["file.sync"]).toBeGreaterThanOrEqual(FILES); // each file before it has its name
  expect(counts["file.sync"]).toBeLessThanOrEqual(FILES + 4); // and the folders above, which were made
  expect(counts).toMatchObject({ lstat: FILES, "file.write": FILES, "file.stat": FILES, rename: FILES, realpath: 1 });
  expect(counts).not.toHaveProperty("unlink");
});

test("a file of many is read once, and asked for its stamp before and after", async () => {
  const { disk, counts } = countedDisk();
  const temp = tempDir();
  const tree = createNodeFileTree({ journalFolder: join(temp, "journal"), disk });
  const folder = join(temp, "backups");
  mkdirSync(folder);
  for (const name of names) writeFileSync(join(folder, name), name);
  const read = await Promise.all(names.map((name) => tree.readBelow(folder, name)));
  expect(read.map((each) => (each.kind === "still" ? Buffer.from(each.bytes).toString() : each.kind))).toEqual(names);
  expect(counts).toEqual({
    realpath: 1,
    lstat: 2 * FILES, // no link before, and the same name after
    open: FILES,
    "file.stat": 2 * FILES,
    "file.read": FILES,
    "file.close": FILES,
  });
});

test("a folder that was absent when the first of many looked is found by the others", async () => {
  const folder = join(tempDir(), "backups");
  let looks = 0;
  const realpath = async (path: string): Promise<string> => {
    if (looks++ > 0) return await nodeDisk.realpath(path);
    const absent = await nodeDisk.realpath(path).catch((cause: unknown) => cause);
    mkdirSync(folder);
    writeFileSync(join(folder, "a"), "made since");
    throw absent;
  };
  const tree = createNodeFileTree({
    journalFolder: join(tempDir(), "journal"),
    disk: { ...nodeDisk, realpath: Object.assign(realpath, { native: realpath }) as unknown as Disk["realpath"] },
  });
  expect(await Promise.all([tree.readBelow(folder, "a"), tree.readBelow(folder, "a")])).toMatchObject([
    { kind: "still" },
    { kind: "still" },
  ]);
});

test("a scan has no more than 64 files under way", async () => {
  const folder = join(tempDir(), "backups");
  mkdirSync(folder);
  for (const name of names) writeFileSync(join(folder, name), name);
  let now = 0;
  let most = 0;
  const access: Disk["access"] = async (...args) => {
    most = Math.max(most, ++now);
    await nodeDisk.access(...args);
    now--;
  };
  const tree = createNodeFileTree({ journalFolder: join(tempDir(), "journal"), disk: { ...nodeDisk, access } });
  const scan = await tree.scan(folder, 1000);
  expect(scan.kind === "found" && scan.files.map(({ name }) => name)).toEqual([...names].sort());
  expect(most).toBeLessThanOrEqual(64);
});
