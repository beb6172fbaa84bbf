import { describe, expect, test } from "vitest";
import { checkDisk } from "../../src/app/check-disk.ts";
import { followRestored } from "../../src/app/follow-restored.ts";
import { GRAPH_KEY } from "../../src/app/keys.ts";
import { replaceGraph } from "../../src/app/replace-graph.ts";
import { openStateFolder } from "../../src/app/state-folder.ts";
import { KgsyncError } from "../../src/core/errors.ts";
import { decodeMetadata } from "../../src/core/metadata.ts";
import { type AppProcess, type AppWorld, createAppWorld, type ProcessOptions, REMOTE } from "../support/app-world.ts";
import { graphText, manyNames } from "../support/app-world-graph.ts";

const A = graphText(["a"]);
const B = graphText(["a", "b"]);
const isVersion = (key: string): boolean => key.startsWith(".kgsync/versions/");

/** A bucket that an app has written: A, then B. */
const written = async (second = B): Promise<AppWorld> => {
  const world = createAppWorld();
  const process = world.boot();
  await process.start();
  for (const text of [A, second]) {
    world.save(text);
    expect(await process.push()).toMatchObject({ data: "safe" });
  }
  expect(await process.finish()).toMatchObject({ data: "safe" });
  return world;
};

/** What it came to: the kept key, or the code that it was rejected with. `before`: what happens between the look and the put. */
const replace = async (
  world: AppWorld,
  text: string,
  options: ProcessOptions = {},
  before: () => Promise<void> | void = () => undefined,
  proven = true,
): Promise<{ readonly came: string | undefined; readonly process: AppProcess }> => {
  const process = world.boot(options);
  const bytes = world.encode(text);
  try {
    const came = await process.within(60_000, async (budget) => {
      const current = await process.io.store.get(GRAPH_KEY, budget.signal);
      await before();
      return replaceGraph(process.io, { bytes, sha256: world.digest(text), current, proven }, budget);
    });
    process.expectAllPlayed();
    return { came, process };
  } catch (thrown) {
    process.expectAllPlayed();
    if (!(thrown instanceof KgsyncError)) throw thrown;
    return { came: thrown.code, process };
  }
};

const metadataIn = (world: AppWorld, key: string) => world.bucketOf("memory:").objects.get(key)?.metadata ?? {};
const kept = (world: AppWorld, text: string): string => `.kgsync/versions/${world.digest(text).slice(0, 16)}.json`;

describe("a graph that a person has chosen", () => {
  test("is put with its past, and what it replaced is kept with its writer", async () => {
    const world = await written();
    const past = decodeMetadata(metadataIn(world, REMOTE), undefined);
    const { came, process } = await replace(world, A);
    expect([came, world.remote(), world.objects()[kept(world, B)]]).toEqual([kept(world, B), A, B]);
    expect(decodeMetadata(metadataIn(world, REMOTE), world.digest(A))).toMatchObject({
      parent: world.digest(B),
      ancestors: [world.digest(B).slice(0, 16), ...(past?.ancestors ?? [])],
      writer: process.io.writer,
    });
    expect(metadataIn(world, kept(world, B))["kgsync-writer"]).toBe(past?.writer);
  });

  test("what an ordinary put replaces is kept with its writer too, also by another process", async () => {
    const world = await written();
    const first = metadataIn(world, kept(world, A))["kgsync-writer"];
    const wrote = decodeMetadata(metadataIn(world, REMOTE), undefined)?.writer;
    expect([first, first]).toEqual([wrote, expect.stringMatching(/^host-/)]);
    const next = world.boot();
    await next.start();
    world.save(graphText(["a", "b", "c"]));
    expect(await next.finish()).toMatchObject({ data: "safe" });
    expect(metadataIn(world, kept(world, B))["kgsync-writer"]).toBe(wrote);
  });

  test("makes the newest version of what it replaces, though that was kept long ago: the oldest are pruned", async () => {
    const world = await written();
    await world.upload(kept(world, B), B);
    await world.upload(kept(world, A), A);
    await replace(world, A);
    const { objects } = world.bucketOf("memory:");
    const modified = (text: string): number => objects.get(kept(world, text))?.modified ?? 0;
    expect(modified(B)).toBeGreaterThan(modified(A));
  });

  test("keeps the lease's epoch", async () => {
    const world = createAppWorld();
    const metadata = { "kgsync-sha256": world.digest(B), "kgsync-epoch": "7", "kgsync-writer": "x" };
    await world.upload(REMOTE, B, "memory:", metadata);
    await replace(world, A);
    expect(metadataIn(world, REMOTE)["kgsync-epoch"]).toBe("7");
  });

  test("is not put over what nobody has looked at", async () => {
    for (const proven of [true, false]) {
      const world = await written();
      const theirs = graphText(["theirs"]);
      const { came } = await replace(world, A, {}, () => world.upload(REMOTE, theirs), proven);
      expect([came, world.remote()]).toEqual(["not-durable", theirs]);
    }
    // not by a store either that takes every put
    const careless = await written();
    const store: ProcessOptions["store"] = (inner) => ({
      ...inner,
      put: (name, body, _mode, options, signal) => inner.put(name, body, { mode: "overwrite" }, options, signal),
    });
    const { came } = await replace(careless, A, { store }, () => careless.upload(REMOTE, A), false);
    expect([came, careless.remote()]).toEqual(["not-durable", A]);
    const world = createAppWorld();
    expect((await replace(world, A, {}, () => world.upload(REMOTE, B))).came).toBe("not-durable");
    expect(world.remote()).toBe(B);
    expect((await replace(createAppWorld(), A)).came).toBeUndefined();
  });

  test("is not said to be the graph where its answer was lost and somebody else's version is there", async () => {
    const world = await written();
    const theirs = graphText(["theirs"]);
    const store: ProcessOptions["store"] = (inner) => ({
      ...inner,
      put: async (name, body, mode, options, signal) => {
        const put = await inner.put(name, body, mode, options, signal);
        if (name !== REMOTE) return put;
        await world.upload(REMOTE, theirs);
        return { outcome: "unknown", cause: new Error("scripted: lost") };
      },
    });
    expect((await replace(world, A, { store })).came).toBe("not-durable");
    expect(world.remote()).toBe(theirs);
  });

  test("is not put where what it would replace cannot be kept", async () => {
    const world = await written();
    const error = new KgsyncError("bucket-denied", "no");
    const denied = await replace(world, A, { faults: [{ on: "put", key: isVersion, kind: "error", error }] });
    expect([denied.came, world.remote()]).toEqual(["bucket-denied", B]);
    const lost = await replace(world, A, { faults: [{ on: "put", key: isVersion, kind: "lost-request" }] });
    expect([lost.came, world.remote()]).toEqual(["bucket-unavailable", B]);
    const answer = await replace(world, A, { faults: [{ on: "put", key: isVersion, kind: "lost-response" }] });
    expect([answer.came, world.remote()]).toEqual([kept(world, B), A]);
  });

  test("whose answer is lost is known to be there", async () => {
    const world = await written();
    const { came } = await replace(world, A, { faults: [{ on: "put", key: REMOTE, kind: "lost-response" }] });
    expect([came, world.remote()]).toEqual([kept(world, B), A]);
  });
});

describe("the disk beside it", () => {
  const check = async (world: AppWorld, options: ProcessOptions = {}, wanted = A): Promise<string> => {
    const { io, within } = world.boot(options);
    return within(60_000, async (budget) =>
      checkDisk(io, await openStateFolder(io), world.digest(wanted), budget),
    ).catch((thrown: unknown) => (thrown instanceof KgsyncError ? thrown.code : String(thrown)));
  };

  test("follows when all of it is in the bucket, and not when it has work of its own", async () => {
    const world = await written();
    expect(await check(world)).toBe("follows");
    world.save(graphText(["a", "b", "mine"]));
    expect(await check(world)).toBe("not-durable");
    expect(await check(world, {}, graphText(["a", "b", "mine"]))).toBe("follows"); // just that is wanted
    await world.upload(REMOTE, graphText(["a", "b", "theirs"]));
    expect(await check(world)).toBe("not-durable");
    world.save(B);
    expect(await check(world)).toBe("follows");
    await world.wipe();
    expect(await check(world)).toBe("empty");
    const error = new KgsyncError("bucket-denied", "no");
    expect(await check(world, { faults: [{ on: "get", key: REMOTE, kind: "error", error }] })).toBe("bucket-denied");
  });

  test("a small one is what the app's next save is measured by", async () => {
    const world = await written(graphText(manyNames(60)));
    await replace(world, A);
    const { io, within } = world.boot();
    const restored = { bytes: world.encode(A), sha256: world.digest(A) };
    await within(60_000, async (budget) => followRestored(io, await openStateFolder(io), restored, budget));
    expect([world.local(), world.state().largest?.leaves]).toEqual([A, 2]);
    const process = world.boot();
    await process.start();
    world.save(B);
    expect(await process.finish()).toMatchObject({ data: "safe" });
    expect(world.remote()).toBe(B);
  });
});
