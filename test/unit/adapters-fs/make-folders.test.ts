import * as disk from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeMissing } from "../../../src/adapters/node-file-tree/make-folders.ts";
import { tempDir } from "../../support/temp-dir.ts";

test("makes what is missing and answers the topmost; what is there is left", async () => {
  const root = tempDir();
  const deep = join(root, "a/b/c");
  expect(await makeMissing(disk, deep)).toBe(join(root, "a"));
  expect((await disk.stat(deep)).isDirectory()).toBe(true);
  expect(await makeMissing(disk, deep)).toBeUndefined();
});

test("a file system where nothing can be made is refused: it must not be tried for ever", async () => {
  await expect(makeMissing(disk, "/proc/kgsync/state")).rejects.toMatchObject({ code: "ENOENT" });
});

test("a file on the way is refused", async () => {
  const file = join(tempDir(), "file");
  await disk.writeFile(file, "");
  await expect(makeMissing(disk, join(file, "below"))).rejects.toMatchObject({ code: "ENOTDIR" });
});
