import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createRotatingTexts } from "../../../src/adapters/rotating-texts.ts";
import { tempDir } from "../../support/temp-dir.ts";

const place = () => {
  const root = tempDir(onTestFinished);
  const path = (name: string): string => join(root, name);
  const write = (name: string, text: string): void => {
    writeFileSync(path(`${name}.new`), text);
    renameSync(path(`${name}.new`), path(name));
  };
  const changes: (readonly string[])[] = [];
  const open = (names: readonly string[], first: readonly string[]) =>
    createRotatingTexts(names.map(path), first, (texts) => changes.push(texts));
  return { path, write, changes, open };
};

test("a file that is replaced is read again, all of them together, and the change is told once", () => {
  const { write, changes, open } = place();
  write("id", "id1");
  write("key", "key1\n");
  const read = open(["id", "key"], ["id1", "key1"]);
  expect([read(), changes]).toEqual([["id1", "key1"], []]);
  write("id", "id2\n");
  write("key", "key2\r\n");
  expect([read(), read(), changes]).toEqual([["id2", "key2"], ["id2", "key2"], [["id2", "key2"]]]);
});

test("as Kubernetes does it: the link to the folder is swapped", () => {
  const { path, open } = place();
  for (const version of ["1", "2"]) {
    mkdirSync(path(version));
    writeFileSync(join(path(version), "key"), `key${version}`);
  }
  symlinkSync("1", path("..data"));
  symlinkSync("..data/key", path("key"));
  const read = open(["key"], ["key1"]);
  expect(read()).toEqual(["key1"]);
  symlinkSync("2", path("..data.new"));
  renameSync(path("..data.new"), path("..data"));
  expect(read()).toEqual(["key2"]);
});

test("what is missing, empty or no file leaves the last, until it is there again", () => {
  const { path, write, open } = place();
  write("key", "key1");
  const read = open(["key"], ["key1"]);
  rmSync(path("key"));
  expect(read()).toEqual(["key1"]);
  mkdirSync(path("key"));
  expect(read()).toEqual(["key1"]);
  rmSync(path("key"), { recursive: true });
  write("key", "\n");
  expect(read()).toEqual(["key1"]);
  write("key", "key2");
  expect(read()).toEqual(["key2"]);
});
