import { describe, expect, test } from "vitest";
import type { Io } from "../../../src/app/io.ts";
import { ownedIo } from "../../../src/app/owned-io.ts";
import { key } from "../../../src/core/key.ts";
import { createAppWorld } from "../../support/app-world.ts";

const { signal } = new AbortController();
const BYTES = new Uint8Array([1]);
const K = key("a");

const WRITES: Readonly<Record<string, (io: Io) => Promise<unknown>>> = {
  "files.write": ({ files }) => files.write("/data/a", BYTES),
  "files.createBelow": ({ files }) => files.createBelow("/data", "a", BYTES),
  "files.remove": ({ files }) => files.remove("/data/a"),
  "store.put": ({ store }) => store.put(K, BYTES, { mode: "create" }, { contentType: "x", metadata: {} }, signal),
  "store.delete": ({ store }) => store.delete(K, signal),
};

const owned = (ours: () => boolean) => {
  const world = createAppWorld();
  const { io } = world.boot();
  let lost = 0;
  const lock = { id: "0".repeat(32), stillOurs: async () => ours(), release: async () => undefined };
  return { world, io: ownedIo(io, lock, () => void lost++), lost: () => lost };
};

describe.each(Object.entries(WRITES))("%s", (_, write) => {
  test("goes through while the files are ours", async () => {
    const { io, lost } = owned(() => true);
    await write(io);
    expect(lost()).toBe(0);
  });

  test("is refused, and told, when another wrapper has them: nothing is written", async () => {
    const { world, io, lost } = owned(() => false);
    await expect(write(io)).rejects.toMatchObject({ code: "local-busy" });
    expect(lost()).toBe(1);
    expect(world.objects()).toEqual({});
    expect(world.disk.counts).toMatchObject({ write: 0, remove: 0 });
  });
});

test("reading is free", async () => {
  const { io, lost } = owned(() => false);
  await io.files.read("/data/a");
  await io.store.get(K, signal);
  await io.store.head(K, signal);
  expect(lost()).toBe(0);
});

describe("the answer of a moment ago", () => {
  const asking = () => {
    const { io } = createAppWorld().boot();
    let asked = 0;
    let at = { mono: 0, wall: 0 };
    const lock = { id: "0".repeat(32), stillOurs: async () => ++asked > 0, release: async () => undefined };
    const mine = ownedIo({ ...io, clock: { ...io.clock, now: () => at } }, lock, () => undefined);
    const write = async (now: typeof at): Promise<number> => {
      at = now;
      await mine.files.write("/data/a", BYTES);
      return asked;
    };
    return write;
  };

  test("is good for a hundred writes", async () => {
    const write = asking();
    for (let n = 0; n < 100; n++) expect(await write({ mono: n, wall: n })).toBe(1);
  });

  test.each([
    ["a second later", { mono: 1000, wall: 0 }],
    ["after a suspension, in which the monotonic clock stood still", { mono: 1, wall: 60_000 }],
    ["when the wall clock was set back", { mono: 1, wall: -60_000 }],
  ])("is asked for again %s", async (_, later) => {
    const write = asking();
    await write({ mono: 0, wall: 0 });
    expect(await write(later)).toBe(2);
  });
});
