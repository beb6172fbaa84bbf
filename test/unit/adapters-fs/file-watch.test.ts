import { appendFileSync, mkdirSync, renameSync, rmSync, watch, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { watchFiles } from "../../../src/adapters/file-watch.ts";
import type { KgsyncError } from "../../../src/core/errors.ts";
import { tempDir } from "../../support/temp-dir.ts";

/** A watched graph and backups folder; `next` resolves when a hint comes after it was called. */
const watchIn = (folder: string) => {
  const path = join(folder, "graph.json");
  const backups = join(folder, "backups");
  let hints = 0;
  const refusals: KgsyncError[] = [];
  const watcher = watchFiles(
    { file: path, folders: [backups] },
    () => {
      hints += 1;
    },
    (why) => void refusals.push(why),
  );
  onTestFinished(() => watcher.close());
  const after = async (act: () => void): Promise<void> => {
    const before = hints;
    act();
    await expect.poll(() => hints > before, { interval: 2, timeout: 10_000 }).toBe(true);
  };
  return { path, backups, refusals, watcher, after, hints: () => hints };
};

const prepared = (): string => {
  const folder = tempDir();
  mkdirSync(join(folder, "backups", "20250101"), { recursive: true });
  writeFileSync(join(folder, "graph.json"), "{}");
  return folder;
};

test("every way in which the app changes the files is noticed", async () => {
  const { path, backups, after, refusals } = watchIn(prepared());
  await after(() => writeFileSync(path, "in place"));
  await after(() => {
    writeFileSync(`${path}.new`, "by rename");
    renameSync(`${path}.new`, path);
  });
  await after(() => appendFileSync(path, "and in place again"));
  await after(() => rmSync(path));
  await after(() => writeFileSync(path, "new"));
  await after(() => writeFileSync(join(backups, "a.json"), "1"));
  await after(() => writeFileSync(join(backups, "20250101", "a.json"), "1"));
  await after(() => mkdirSync(join(backups, "20250102")));
  await after(() => writeFileSync(join(backups, "20250102", "a.json"), "1"));
  expect(refusals).toEqual([]);
});

test("our own temporaries and other files beside the graph are no hint", async () => {
  const folder = prepared();
  const { path, backups, hints, after } = watchIn(folder);
  const seen = new Set<string | null>();
  const witnesses = [folder, backups].map((each) => watch(each, (_, name) => seen.add(name)));
  onTestFinished(() => witnesses.forEach((witness) => void witness.close()));
  writeFileSync(join(folder, ".kgsync-tmp-0000000000000000"), "1");
  writeFileSync(join(folder, "other.json"), "1");
  writeFileSync(join(backups, ".kgsync-tmp-1111111111111111"), "1");
  await expect.poll(() => seen.size, { interval: 2, timeout: 10_000 }).toBe(3);
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  expect(hints()).toBe(0);
  await after(() => writeFileSync(path, "1"));
});

test("a backups folder that the app makes later is watched from then on, and its absence is no complaint", async () => {
  const folder = tempDir();
  writeFileSync(join(folder, "graph.json"), "{}");
  const { path, backups, after, refusals } = watchIn(folder);
  await after(() => writeFileSync(path, "1"));
  await after(() => mkdirSync(backups));
  await after(() => writeFileSync(join(backups, "a.json"), "1"));
  expect(refusals).toEqual([]);
});

test("a graph whose folder cannot be watched is told once", () => {
  const { refusals } = watchIn(join(tempDir(), "absent"));
  expect(refusals).toMatchObject([{ code: "disk", message: expect.stringContaining("absent") }]);
});

test("after close nothing is called, and closing twice is closing once", async () => {
  const { path, watcher, hints } = watchIn(prepared());
  watcher.close();
  watcher.close();
  const before = hints();
  const other = watchIn(join(path, ".."));
  await other.after(() => writeFileSync(path, "1"));
  expect(hints()).toBe(before);
});
