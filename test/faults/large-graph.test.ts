import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createLargeFiles } from "../../src/adapters/large-files/create-large-files.ts";
import { nodeDisk } from "../../src/adapters/node-file-tree/disk.ts";
import { createNodeFileTree } from "../../src/adapters/node-file-tree/node-file-tree.ts";
import { createSystemClock } from "../../src/adapters/system-clock.ts";
import { type Budget, createBudget } from "../../src/app/budget.ts";
import type { Io } from "../../src/app/io.ts";
import { pushGraph } from "../../src/app/push-graph.ts";
import { startGraph } from "../../src/app/start-graph.ts";
import { openStateFolder } from "../../src/app/state-folder.ts";
import { KgsyncError } from "../../src/core/errors.ts";
import type { ObjectStore } from "../../src/ports/object-store.ts";
import { createAppWorld, REMOTE } from "../support/app-world.ts";
import { graphText } from "../support/app-world-graph.ts";
import { crashingDisk, type DiskCall, scriptedDisk, systemError } from "../support/scripted-disk.ts";
import { tempDir } from "../support/temp-dir.ts";

const ABOVE = 1_000;
const clock = createSystemClock();
const SMALL = graphText(["a"]);
const many = (first: string, count = 200): string =>
  graphText([first, ...Array.from({ length: count }, (_, n) => `service${n}`)]);
const LARGE = many("first");

/** A machine with a real disk, on which graphs above a thousand bytes are large; no whole one may be asked for. */
const machine = (
  world = createAppWorld(),
  change: (store: ObjectStore) => ObjectStore = (store) => store,
  { disk = nodeDisk, folder = tempDir() }: { readonly disk?: typeof nodeDisk; readonly folder?: string } = {},
) => {
  const paths = { graph: join(folder, "graph.json"), backups: undefined, state: join(folder, ".kgsync") };
  const files = createNodeFileTree({ journalFolder: join(paths.state, "journal"), disk });
  const options = {
    above: ABOVE,
    mode: "auto",
    rules: "auto",
    state: paths.state,
    write: files.write,
    clock,
    disk,
  } as const;
  const requests: string[] = [];
  const io = (): Io => {
    const { io: memory } = world.boot();
    const { store } = memory;
    const noWhole: ObjectStore = {
      ...store,
      get: () => Promise.reject(new Error("a whole graph was asked for")),
      fetch: (key, ...rest) => {
        requests.push(`fetch ${key}`);
        return store.fetch(key, ...rest);
      },
    };
    return { ...memory, clock, files, paths, store: change(noWhole), large: createLargeFiles(options) };
  };
  const within = async <T>(work: (budget: Budget) => Promise<T>): Promise<T> => {
    const budget = createBudget(clock, 60_000, 60_000);
    try {
      return await work(budget);
    } finally {
      budget.close();
    }
  };
  return {
    folder,
    paths,
    requests,
    io,
    start: async (): Promise<void> => {
      const opened = io();
      const state = await openStateFolder(opened);
      await within((budget) => startGraph(opened, state, { probed: async () => undefined, budget, child: true }));
    },
    push: async () => {
      const opened = io();
      const state = await openStateFolder(opened);
      return within((budget) => pushGraph(opened, state, { final: true, allowed: undefined }, budget));
    },
    local: () => readFileSync(paths.graph, "utf8"),
    bases: () => readdirSync(join(paths.state, "base")),
  };
};

describe("a large graph", () => {
  test("comes down, is known at the next start, goes up when it has changed", async () => {
    const world = createAppWorld();
    await world.upload(REMOTE, LARGE);
    const place = machine(world);
    await place.start();
    expect(place.local()).toBe(LARGE);
    await place.start();
    expect([place.requests, place.bases().length]).toEqual([[`fetch ${REMOTE}`], 1]);
    expect(await place.push()).toEqual({ kind: "clean" });

    writeFileSync(place.paths.graph, many("changed"));
    expect(await place.push()).toMatchObject({ kind: "stored" });
    expect(world.remote()).toBe(many("changed"));
    expect(Object.values(world.objects())).toContain(LARGE); // the version that was replaced
    await place.start();
    expect([place.requests.length, place.bases().length]).toEqual([1, 1]);
  });

  test("is created where the bucket has none", async () => {
    const world = createAppWorld();
    const place = machine(world);
    writeFileSync(place.paths.graph, LARGE);
    await place.start();
    expect(world.remote()).toBe(LARGE);
    expect(await place.push()).toEqual({ kind: "clean" });
  });

  test("with another clock and nothing else is no save", async () => {
    const world = createAppWorld();
    await world.upload(REMOTE, LARGE);
    const place = machine(world);
    await place.start();
    writeFileSync(
      place.paths.graph,
      LARGE.replace(/"last_updated":"[^"]*"/, '"last_updated":"2031-01-01T00:00:00.5Z"'),
    );
    expect(place.local()).not.toBe(LARGE);
    expect(await place.push()).toEqual({ kind: "clean" });
    expect(world.remote()).toBe(LARGE);
  });

  test("that both sides changed is merged; a small one with a large one too", async () => {
    for (const theirs of [many("theirs"), graphText(["first", "theirs"])]) {
      const world = createAppWorld();
      await world.upload(REMOTE, LARGE);
      const place = machine(world);
      await place.start();
      await world.upload(REMOTE, theirs);
      writeFileSync(place.paths.graph, many("first", 201));
      expect(await place.push()).toMatchObject({ kind: "stored" });
      expect(JSON.parse(world.remote() ?? "").services).toMatchObject({
        theirs: expect.anything(),
        service200: expect.anything(),
      });
    }
  });

  test("grows from a small one, and shrinks again", async () => {
    const world = createAppWorld();
    await world.upload(REMOTE, SMALL);
    const place = machine(world, (store) => ({ ...store, get: (...args) => world.boot().io.store.get(...args) }));
    await place.start();
    for (const next of [LARGE, many("first", 150), LARGE]) {
      writeFileSync(place.paths.graph, next);
      expect(await place.push()).toMatchObject({ kind: "stored" });
      await place.start();
      expect([world.remote(), place.local()]).toEqual([next, next]);
    }
  });

  test("that is torn or invalid is never put, and never written to the disk", async () => {
    const world = createAppWorld();
    await world.upload(REMOTE, LARGE);
    const place = machine(world);
    await place.start();
    await truncate(place.paths.graph, LARGE.length - 5);
    expect(await place.push()).toMatchObject({ kind: "held", by: "damage" });
    expect(world.remote()).toBe(LARGE);
    await world.upload(REMOTE, LARGE.slice(0, -3));
    const fresh = machine(world);
    await expect(fresh.start()).rejects.toMatchObject({ code: "graph-invalid" });
    expect(existsSync(fresh.paths.graph)).toBe(false);
  });

  test("that is replaced while it comes is asked for anew", async () => {
    const world = createAppWorld();
    await world.upload(REMOTE, LARGE);
    let left = 1;
    const place = machine(world, (store) => ({
      ...store,
      fetch: async (...args) => {
        if (left-- > 0) await world.upload(REMOTE, many("newer"));
        return store.fetch(...args);
      },
    }));
    await place.start();
    expect(place.local()).toBe(many("newer"));
    expect(place.bases()).toHaveLength(1);
  });

  test("that does not come whole leaves the old one, and nothing else", async () => {
    const world = createAppWorld();
    await world.upload(REMOTE, LARGE);
    const first = machine(world);
    await first.start();
    await world.upload(REMOTE, many("newer"));
    const broken = new KgsyncError("disk", "scripted: no space left");
    let dies = true;
    const place = machine(world, (store) => ({
      ...store,
      fetch: async (key, version, target, signal) => {
        await target(0, new Uint8Array(10));
        if (dies) throw broken;
        return store.fetch(key, version, target, signal);
      },
    }));
    writeFileSync(place.paths.graph, SMALL);
    await expect(place.start()).rejects.toBe(broken);
    expect([place.local(), place.bases()]).toEqual([SMALL, []]);
    dies = false;
  });

  test("keeps the mode of the file that it replaces", async () => {
    const world = createAppWorld();
    await world.upload(REMOTE, LARGE);
    const place = machine(world);
    writeFileSync(place.paths.graph, "", { mode: 0o640 });
    await place.start();
    expect((await stat(place.paths.graph)).mode & 0o777).toBe(0o640);
  });

  test("does not stop the app's next save from going up: what is sent is the copy", async () => {
    const world = createAppWorld();
    await world.upload(REMOTE, LARGE);
    const place = machine(world, (store) => ({
      ...store,
      put: async (...args) => {
        writeFileSync(place.paths.graph, many("saved-meanwhile"));
        return store.put(...args);
      },
    }));
    await place.start();
    writeFileSync(place.paths.graph, many("changed"));
    expect(await place.push()).toMatchObject({ kind: "stored" });
    expect(world.remote()).toBe(many("changed"));
    expect(await place.push()).toMatchObject({ kind: "stored" });
    expect(world.remote()).toBe(many("saved-meanwhile"));
  });

  test("a disk that fails at any moment: the old one or the new one stands there, whole, and the next start ends it", {
    timeout: 120_000,
  }, async () => {
    const world = createAppWorld();
    const next = many("next");
    let failed = true;
    for (let at = 0; failed; at += 7) {
      await world.upload(REMOTE, LARGE);
      const place = machine(world);
      await place.start();
      await world.upload(REMOTE, next);
      const crash = crashingDisk(at);
      const start = machine(world, undefined, { disk: crash.disk, folder: place.folder }).start();
      failed = await start.then(
        () => false,
        () => true,
      );
      expect([LARGE, next]).toContain(place.local());
      await place.start();
      expect(place.local()).toBe(next);
    }
  });

  test("no room for it: said before a byte is asked for", async () => {
    const world = createAppWorld();
    await world.upload(REMOTE, LARGE);
    const before = ({ name }: DiskCall): void => {
      if (name === "handle.truncate") throw systemError("ENOSPC");
    };
    const place = machine(world, undefined, { disk: scriptedDisk({ before }) });
    await expect(place.start()).rejects.toMatchObject({
      code: "disk",
      message: expect.stringContaining("no space left"),
    });
    expect([place.requests, place.bases()]).toEqual([[], []]);
  });
});
