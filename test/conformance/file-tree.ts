import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { FileTree, Recover } from "../../src/ports/file-tree.ts";

/** A fresh place for one test. `app` acts as the app or a person does, past the tree; `mount` makes a rename over it fail. */
export type FileTreeWorld = {
  readonly tree: FileTree;
  readonly recover: Recover;
  readonly root: string;
  readonly mount: (path: string) => void;
  readonly app: {
    readonly write: (path: string, bytes: Uint8Array, mode?: number) => void;
    readonly read: (path: string) => Uint8Array | undefined;
    /** Opens the file as it is now, for one save that may come late. */
    readonly open: (path: string) => (bytes: Uint8Array) => void;
    readonly mode: (path: string) => number | undefined;
    readonly link: (path: string, to: string) => void;
    readonly folder: (path: string) => void;
  };
};

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (content: Uint8Array | undefined): string | undefined =>
  content === undefined ? undefined : new TextDecoder().decode(content);
const disk = { name: "KgsyncError", code: "disk" };

/** The law of the FileTree port: every implementation passes it. */
export const testFileTree = (name: string, enter: () => FileTreeWorld): void => {
  describe(`${name} is a file tree`, () => {
    test("what is absent is absent, everywhere", async () => {
      const { tree, root } = enter();
      expect(await tree.stat(`${root}/a`)).toBeUndefined();
      expect(await tree.read(`${root}/a`)).toEqual({ kind: "absent" });
      expect(await tree.readBelow(root, "a/b")).toEqual({ kind: "absent" });
      expect(await tree.scan(`${root}/a`, 10)).toEqual({ kind: "absent" });
      expect(await tree.names(`${root}/a`)).toEqual([]);
      await tree.remove(`${root}/a`);
    });

    test("what was written is read, with the stamp that the write gave", async () => {
      const { tree, root, app } = enter();
      const path = `${root}/deep/er/graph.json`;
      const stamp = await tree.write(path, bytes("one"));
      expect(await tree.read(path)).toEqual({ kind: "still", bytes: bytes("one"), stamp });
      expect(await tree.stat(path)).toEqual(stamp);
      expect(app.mode(path)).toBe(0o600);
      const second = await tree.write(path, bytes("two"));
      expect(second).not.toEqual(stamp);
      expect(text(app.read(path))).toBe("two");
    });

    test("a swap gives way to a file that changed, and says of one that is absent that it has", async () => {
      const { tree, root, app } = enter();
      const path = `${root}/graph.json`;
      const stamp = await tree.write(path, bytes("one"));
      app.write(path, bytes("three"));
      expect(await tree.swap(path, bytes("new"), stamp)).toBe("changed");
      expect(text(app.read(path))).toBe("three");
      expect(await tree.swap(`${root}/absent`, bytes("new"), stamp)).toBe("changed");
    });

    test("a swap of what cannot be renamed over does nothing", async () => {
      const { tree, root, app, mount } = enter();
      const path = `${root}/graph.json`;
      const stamp = await tree.write(path, bytes("one"));
      mount(path);
      expect(await tree.swap(path, bytes("new"), stamp)).toBe("fixed");
      expect(text(app.read(path))).toBe("one");
    });

    test("after a swap the name has the new content, and a save into the old file is seen", async () => {
      const { tree, root, app } = enter();
      const path = `${root}/graph.json`;
      const stamp = await tree.write(path, bytes("one"));
      const save = app.open(path);
      const swap = await tree.swap(path, bytes("new"), stamp);
      if (typeof swap === "string") throw new Error(swap);
      expect(text(app.read(path))).toBe("new");
      expect(await swap.readOld()).toMatchObject({ kind: "still", bytes: bytes("one") });
      save(bytes("late"));
      expect(await swap.readOld()).toMatchObject({ kind: "still", bytes: bytes("late") });
      expect(text(app.read(path))).toBe("new");
      await swap.close();
    });

    test("the mode of an existing file is kept", async () => {
      const { tree, root, app } = enter();
      app.write(`${root}/graph.json`, bytes("old"), 0o644);
      await tree.write(`${root}/graph.json`, bytes("new"));
      expect(app.mode(`${root}/graph.json`)).toBe(0o644);
    });

    test("a write by the app changes the stamp", async () => {
      const { tree, root, app } = enter();
      const stamp = await tree.write(`${root}/graph.json`, bytes("one"));
      app.write(`${root}/graph.json`, bytes("three"));
      expect(await tree.stat(`${root}/graph.json`)).not.toEqual(stamp);
    });

    test("readers see the old or the new content, never a part", async () => {
      const { tree, root } = enter();
      const path = `${root}/graph.json`;
      const versions = ["a", "b", "c"].map((letter, index) => letter.repeat(20_000 * (index + 1)));
      await tree.write(path, bytes("a".repeat(20_000)));
      let writing = true;
      const seen: string[] = [];
      const reading = (async () => {
        while (writing) {
          const outcome = await tree.read(path);
          if (outcome.kind === "still") seen.push(text(outcome.bytes) ?? "");
          expect(outcome.kind).not.toBe("absent");
          await new Promise((resolve) => setImmediate(resolve));
        }
      })();
      for (let round = 0; round < 30; round += 1) await tree.write(path, bytes(versions[round % 3] ?? ""));
      writing = false;
      await reading;
      expect(seen.filter((content) => !versions.includes(content))).toEqual([]);
    });

    test("writes leave nothing else in the folder", async () => {
      const { tree, root } = enter();
      const names = Array.from({ length: 20 }, (_, index) => `b/${index}`);
      await Promise.all(names.map((each) => tree.createBelow(root, each, bytes(each))));
      expect(await tree.names(`${root}/b`)).toEqual(names.map((each) => each.slice(2)).sort());
      const scan = await tree.scan(root, 100);
      expect(scan.kind === "found" && scan.files.map((file) => file.name)).toEqual([...names].sort());
    });

    test.each([
      ["", "empty"],
      ["/etc/passwd", "absolute"],
      ["../out", "`..`"],
      ["a/../../out", "`..`"],
      ["a//b", "empty part"],
      ["a\\b", "backslash"],
      ["a\u0000b", "control"],
      [".kgsync-tmp-0123456789abcdef", "temporary"],
      ["link/file", "symbolic link"],
      ["sub/link/file", "symbolic link"],
      ["filelink", "symbolic link"],
      ["file/below", "file"],
      ["sub", "sub"],
    ])("%j is refused below a folder: %s", async (below, why) => {
      const { tree, root, app } = enter();
      app.write(`${root}/outside/file`, bytes("outside"));
      app.write(`${root}/in/file`, bytes("inside"));
      app.folder(`${root}/in/sub`);
      app.link(`${root}/in/link`, `${root}/outside`);
      app.link(`${root}/in/sub/link`, `${root}/outside`);
      app.link(`${root}/in/filelink`, `${root}/outside/file`);
      const outcome = await tree.createBelow(`${root}/in`, below, bytes("bad"));
      expect(outcome !== "exists" && "refused" in outcome && outcome.refused).toContain(why);
      expect(await tree.readBelow(`${root}/in`, below)).toEqual({ kind: "absent" });
      expect(text(app.read(`${root}/outside/file`))).toBe("outside");
      expect(text(app.read(`${root}/in/file`))).toBe("inside");
      expect(await tree.names(`${root}/outside`)).toEqual(["file"]);
    });

    test("a file that is there is left as it is", async () => {
      const { tree, root, app } = enter();
      app.write(`${root}/in/file`, bytes("the app's"));
      expect(await tree.createBelow(`${root}/in`, "file", bytes("ours"))).toBe("exists");
      expect(text(app.read(`${root}/in/file`))).toBe("the app's");
    });

    test("the folder itself may be a link", async () => {
      const { tree, root, app } = enter();
      app.folder(`${root}/real`);
      app.link(`${root}/linked`, `${root}/real`);
      await tree.createBelow(`${root}/linked`, "x/y", bytes("1"));
      expect(text(app.read(`${root}/real/x/y`))).toBe("1");
      expect(await tree.readBelow(`${root}/linked`, "x/y")).toMatchObject({ kind: "still" });
    });

    test.each(["there", "nothing yet"])("a write to a link goes to the file that it names: %s", async (state) => {
      const { tree, root, app } = enter();
      app.folder(`${root}/volume`);
      if (state === "there") app.write(`${root}/volume/graph.json`, bytes("old"));
      app.link(`${root}/graph.json`, "volume/graph.json");
      await tree.write(`${root}/graph.json`, bytes("new"));
      expect(text(app.read(`${root}/volume/graph.json`))).toBe("new");
      expect(await tree.read(`${root}/graph.json`)).toMatchObject({ kind: "still", bytes: bytes("new") });
    });

    test("a folder where the file should be is an error that says so", async () => {
      const { tree, root, app } = enter();
      app.folder(`${root}/graph.json`);
      for (const act of [
        () => tree.stat(`${root}/graph.json`),
        () => tree.read(`${root}/graph.json`),
        () => tree.write(`${root}/graph.json`, bytes("1")),
      ])
        await expect(act()).rejects.toMatchObject({ ...disk, message: expect.stringContaining("it is a folder") });
    });

    test("a file where a folder should be is an error that says so", async () => {
      const { tree, root, app } = enter();
      app.write(`${root}/file`, bytes("1"));
      for (const act of [
        () => tree.names(`${root}/file`),
        () => tree.scan(`${root}/file`, 10),
        () => tree.write(`${root}/file/graph.json`, bytes("1")),
      ])
        await expect(act()).rejects.toMatchObject({ ...disk, message: expect.stringContaining("not a folder") });
    });

    test("scan: regular files at every depth, sorted, links skipped with the reason", async () => {
      const { tree, root, app } = enter();
      for (const each of ["b", "a/z", "a/b/c", "a.json"]) app.write(`${root}/in/${each}`, bytes(each));
      app.write(`${root}/in/.kgsync-tmp-0123456789abcdef`, bytes("left by a crash"));
      app.link(`${root}/in/a/loop`, "..");
      app.link(`${root}/in/gone`, "nowhere");
      const scan = await tree.scan(`${root}/in`, 100);
      if (scan.kind !== "found") throw new Error("the folder is there");
      expect(scan.files.map((file) => file.name)).toEqual(["a.json", "a/b/c", "a/z", "b"]);
      expect(scan.skipped.map(({ name: skipped }) => skipped)).toEqual(["a/loop", "gone"]);
      expect(scan.skipped.map(({ why }) => why)).toEqual(["is a symbolic link", "is a symbolic link"]);
      expect(scan.files[0]?.stamp).toEqual(await tree.stat(`${root}/in/a.json`));
    });

    test("scan stops at the limit", async () => {
      const { tree, root, app } = enter();
      for (let index = 0; index < 5; index += 1) app.write(`${root}/in/sub/${index}`, bytes("1"));
      expect(await tree.scan(`${root}/in`, 6)).toMatchObject({ kind: "found" });
      await expect(tree.scan(`${root}/in`, 4)).rejects.toMatchObject({ code: "config-invalid" });
    });

    test("an open file is read by position, and only as the version that was asked for", async () => {
      const { tree, root, app } = enter();
      const stamp = await tree.write(`${root}/big`, bytes("0123456789"));
      const file = await tree.open(root, "big", stamp);
      expect(file.size).toBe(10);
      expect(text(await file.read(3, 4))).toBe("3456");
      expect(text(await file.read(8, 4))).toBe("89");
      app.write(`${root}/big`, bytes("another one"));
      await expect(file.read(0, 4)).rejects.toMatchObject({ ...disk, message: expect.stringContaining("changed") });
      await file.close();
      await file.close();
      await expect(tree.open(root, "big", stamp)).rejects.toMatchObject(disk);
      await expect(tree.open(root, "absent", stamp)).rejects.toMatchObject(disk);
      app.link(`${root}/link`, "big");
      await expect(tree.open(root, "link", stamp)).rejects.toMatchObject(disk);
    });

    test("a file that cannot be renamed over is written in place, and the journal is gone", async () => {
      const { tree, recover, root, app, mount } = enter();
      const path = `${root}/graph.json`;
      app.write(path, bytes("the old and longer content"), 0o640);
      mount(path);
      const before = await tree.stat(path);
      for (const content of ["short", "much longer than what was there before", ""]) {
        const stamp = await tree.write(path, bytes(content));
        expect(stamp.inode).toBe(before?.inode);
        expect(await tree.read(path)).toEqual({ kind: "still", bytes: bytes(content), stamp });
      }
      expect(app.mode(path)).toBe(0o640);
      expect(await recover(path)).toEqual({ kind: "clean" });
    });

    test("any order of writes and removals leaves what a map would hold", async () => {
      const path = fc.constantFrom("a", "b", "c/a", "c/d/e");
      const step = fc.oneof(
        fc.record({ path, content: fc.uint8Array({ maxLength: 40 }) }),
        fc.record({ path, content: fc.constant(undefined) }),
      );
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
          const { tree, root } = enter();
          const model = new Map<string, Uint8Array>();
          for (const { path: name, content } of steps) {
            if (content === undefined) model.delete(name);
            else model.set(name, content);
            await tree.remove(`${root}/${name}`);
            if (content !== undefined) await tree.createBelow(root, name, content);
          }
          for (const name of ["a", "b", "c/a", "c/d/e"]) {
            const outcome = await tree.readBelow(root, name);
            expect(outcome.kind === "still" ? outcome.bytes : undefined).toEqual(model.get(name));
          }
          const scan = await tree.scan(root, 10);
          const names = scan.kind === "found" ? scan.files.map((file) => file.name) : [];
          expect(names).toEqual([...model.keys()].sort());
        }),
        { numRuns: 30 },
      );
    });
  });
};
