import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createScratchFiles } from "../../../src/adapters/scratch-file.ts";
import { tempDir } from "../../support/temp-dir.ts";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

test("gives back what was written by position, in any order, and nothing of it has a name", async () => {
  const folder = tempDir();
  const open = createScratchFiles(folder);
  const [one, two] = [await open(), await open()];
  await one.write(3, bytesOf("def"));
  await one.write(0, bytesOf("abc"));
  await one.write(3, bytesOf("DEF"));
  await two.write(0, bytesOf("other"));
  expect(readdirSync(folder)).toEqual([]);
  expect(textOf(await one.read(0, 100))).toBe("abcDEF");
  const room = new Uint8Array(2);
  expect(textOf(await one.read(2, 2, room))).toBe("cD");
  expect(textOf(room)).toBe("cD");
  expect(await one.read(6, 1)).toHaveLength(0);
  expect(textOf(await two.read(0, 5))).toBe("other");
  await one.close();
  await two.close();
});

test("a folder that is not there is a reason that names it", async () => {
  const folder = join(tempDir(), "none");
  await expect(createScratchFiles(folder)()).rejects.toMatchObject({
    code: "disk",
    message: expect.stringContaining(folder),
  });
});
