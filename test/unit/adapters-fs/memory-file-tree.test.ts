import { expect, test } from "vitest";
import { createMemoryFileTree } from "../../support/memory-file-tree.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const PATH = "/data/graph.json";

const withOld = () => {
  const memory = createMemoryFileTree();
  memory.app.write(PATH, bytes("old old"));
  const content = (): string => new TextDecoder().decode(memory.app.read(PATH));
  return { ...memory, content };
};

test.each([
  ["crash-before", "old old"],
  ["crash-after", "new new"],
] as const)("%s: the disk holds %j, and nothing answers until the restart", async (what, left) => {
  const { tree, fault, restart, content, unplayed } = withOld();
  fault({ on: "write", what });
  await expect(tree.write(PATH, bytes("new new"))).rejects.toThrow("crashed");
  await expect(tree.read(PATH)).rejects.toThrow("crashed");
  restart();
  expect(content()).toBe(left);
  expect(await tree.read(PATH)).toMatchObject({ kind: "still" });
  expect(unplayed()).toEqual([]);
});

test("a crash within a write in place leaves a mixture, which the recovery finishes", async () => {
  const { tree, recover, fault, restart, content, mount } = withOld();
  mount(PATH);
  fault({ on: "write", what: "crash-within" });
  await expect(tree.write(PATH, bytes("new new"))).rejects.toThrow("crashed");
  restart();
  expect(["old old", "new new"]).not.toContain(content());
  expect(await recover(PATH)).toEqual({ kind: "finished", kept: undefined });
  expect(content()).toBe("new new");
  expect(await recover(PATH)).toEqual({ kind: "clean" });
});

test("the nth call of a path fails as scripted, the others do not; what has not fired is told", async () => {
  const { tree, fault, content, unplayed, counts } = withOld();
  fault({ on: "write", path: "graph.json", nth: 2, what: "ENOSPC" });
  fault({ on: "read", what: "moving" });
  const late = { on: "remove", what: "EIO" } as const;
  fault(late);
  await tree.write("/data/other", bytes("1"));
  await tree.write(PATH, bytes("first"));
  await expect(tree.write(PATH, bytes("second"))).rejects.toMatchObject({
    code: "disk",
    message: expect.stringContaining("no space left"),
  });
  expect(content()).toBe("first");
  expect(await tree.read(PATH)).toEqual({ kind: "moving" });
  expect(await tree.read(PATH)).toMatchObject({ kind: "still" });
  expect(unplayed()).toEqual([late]);
  expect(counts).toEqual({ read: 2, write: 3, scan: 0, remove: 0 });
});
