import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findLocks } from "../../../src/commands/find-locks.ts";
import { createProgram } from "../../../src/commands/program.ts";
import type { Log } from "../../../src/ports/log.ts";
import { tempDir } from "../../support/temp-dir.ts";

const find = async (graph: string, state: string) => {
  const warned: unknown[] = [];
  const fail = () => {
    throw new Error("not expected");
  };
  const log: Log = {
    debug: fail,
    info: fail,
    error: fail,
    warn: (event, _words, fields) => warned.push([event, fields]),
  };
  const places = await findLocks(
    createProgram({}, () => undefined),
    { graph, backups: undefined, state },
    log,
  );
  return { folders: places.map(({ folder }) => folder), warned };
};

test("the graph's own lock comes first; where the state folder is the default one, there is no other", async () => {
  const root = tempDir();
  const at = (name: string): string => join(root, name);
  const [graph, beside, state] = [at("graph.json"), at(".kgsync"), at("state")];
  expect(await find(graph, beside)).toEqual({ folders: [beside], warned: [] });
  expect(readdirSync(root)).toEqual([]);
  expect(await find(graph, state)).toEqual({ folders: [beside, state], warned: [] });
  expect(readdirSync(root)).toEqual([".kgsync"]);
});

test("links are followed: the lock is beside the file itself, also where that is not there yet", async () => {
  const root = tempDir();
  const link = join(root, "link.json");
  mkdirSync(join(root, "data"));
  symlinkSync("data/graph.json", link);
  const expected = { folders: [join(root, "data/.kgsync"), join(root, ".kgsync")], warned: [] };
  expect(await find(link, join(root, ".kgsync"))).toEqual(expected);
  writeFileSync(join(root, "data/graph.json"), "{}");
  expect(await find(link, join(root, ".kgsync"))).toEqual(expected);
  symlinkSync("data/.kgsync", join(root, "state"));
  expect(await find(link, join(root, "state"))).toEqual({ folders: [join(root, "state")], warned: [] });
});

test("where nothing can be made beside the graph, or nobody would see it, the state folder's lock is all, and it is said", async () => {
  const state = tempDir();
  const fields = (graph: string, why: RegExp) => ({ graph, state, why: expect.stringMatching(why) });
  // sysfs takes no folders, from nobody.
  expect(await find("/sys/graph.json", state)).toEqual({
    folders: [state],
    warned: [["own.state-only", fields("/sys/graph.json", /^\/sys cannot be written \((?:EPERM|EACCES|EROFS)\)$/)]],
  });
  expect(await find("/proc", state)).toEqual({
    folders: [state],
    warned: [["own.state-only", fields("/proc", /mount of its own/)]],
  });
});

test("a folder that cannot be looked at is no reason to go on", async () => {
  const root = tempDir();
  symlinkSync("loop.json", join(root, "loop.json"));
  await expect(find(join(root, "loop.json"), join(root, "state"))).rejects.toMatchObject({ code: "disk" });
});
