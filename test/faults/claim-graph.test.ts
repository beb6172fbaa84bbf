import { describe, expect, test } from "vitest";
import { claimGraph } from "../../src/app/claim-graph.ts";
import type { Fence, Io } from "../../src/app/io.ts";
import { type Pushing, pushAll } from "../../src/app/push-all.ts";
import { startAll } from "../../src/app/start-all.ts";
import { openStateFolder } from "../../src/app/state-folder.ts";
import { KgsyncError } from "../../src/core/errors.ts";
import { decodeMetadata, encodeMetadata } from "../../src/core/metadata.ts";
import { type AppProcess, type AppWorld, createAppWorld, REMOTE } from "../support/app-world.ts";
import { graphText, namesIn } from "../support/app-world-graph.ts";

const A = graphText(["a"]);

const fenceAt = (epoch: number) => {
  const superseded: number[] = [];
  const fence: Fence = { epoch: () => epoch, superseded: (later) => void superseded.push(later) };
  return { fence, superseded };
};

const claim = (process: AppProcess, epoch: number, fence?: Fence, totalMs = 60_000): Promise<void> =>
  process.within(totalMs, async (budget) => {
    const io: Io = { ...process.io, fence };
    await claimGraph(io, await openStateFolder(io), epoch, budget);
  });

const metadataOf = (world: AppWorld) =>
  decodeMetadata(world.bucketOf("memory:").objects.get(REMOTE)?.metadata ?? {}, undefined);
const puts = ({ requests }: AppProcess): number => requests.filter((line) => line === `put ${REMOTE}`).length;

const uploaded = async (epoch: number | undefined) => {
  const world = createAppWorld();
  const metadata = encodeMetadata({
    sha256: world.digest(A),
    parent: world.digest("p"),
    ancestors: ["0123456789abcdef"],
    writer: "someone",
    writeId: "w",
    epoch,
  });
  await world.upload(REMOTE, A, undefined, metadata);
  return world;
};

describe("a new holder's claim", () => {
  test.each([undefined, 2])(
    "over a graph of epoch %s: same bytes, same past, its epoch and a write id of its own",
    async (epoch) => {
      const world = await uploaded(epoch);
      await claim(world.boot(), 3);
      expect(world.remote()).toBe(A);
      expect(metadataOf(world)).toEqual({
        sha256: world.digest(A),
        parent: world.digest("p"),
        ancestors: ["0123456789abcdef"],
        writer: "someone",
        epoch: 3,
        writeId: expect.stringMatching(/^[0-9a-f]{32}$/),
      });
    },
  );

  test("over one that was put by another tool: it gets metadata", async () => {
    const world = createAppWorld();
    await world.upload(REMOTE, A);
    await claim(world.boot(), 3);
    expect(world.remote()).toBe(A);
    expect(metadataOf(world)).toMatchObject({ sha256: world.digest(A), parent: undefined, ancestors: [], epoch: 3 });
  });

  test("over an invalid one: its bytes stay as they are, for the start to judge", async () => {
    const world = createAppWorld();
    await world.upload(REMOTE, "nonsense");
    await claim(world.boot(), 3);
    expect(world.remote()).toBe("nonsense");
    expect(metadataOf(world)?.epoch).toBe(3);
  });

  test("where there is none, and where it is claimed already: nothing is put", async () => {
    const world = createAppWorld();
    const first = world.boot();
    await claim(first, 3);
    await world.upload(REMOTE, A, undefined, { "kgsync-sha256": world.digest(A), "kgsync-epoch": "3" });
    await claim(first, 3);
    expect(puts(first)).toBe(0);
  });

  test("over a later epoch: refused, told to the lease, nothing is put", async () => {
    const world = await uploaded(4);
    const process = world.boot();
    const { fence, superseded } = fenceAt(3);
    await expect(claim(process, 3, fence)).rejects.toMatchObject({ code: "lease-busy" });
    expect(superseded).toEqual([4]);
    expect(puts(process)).toBe(0);
  });

  test.each(["lost-request", "lost-response"] as const)("%s: claimed all the same, once", async (kind) => {
    const world = await uploaded(2);
    const process = world.boot({ faults: [{ on: "put", key: REMOTE, kind }] });
    await claim(process, 3);
    process.expectAllPlayed();
    expect(metadataOf(world)?.epoch).toBe(3);
    expect(world.bucketOf("memory:").writes).toBe(2);
  });

  test("somebody wrote between its look and its put: that version is claimed", async () => {
    const world = await uploaded(2);
    const B = graphText(["b"]);
    let once = true;
    const process = world.boot({
      store: (store) => ({
        ...store,
        get: async (key, signal) => {
          const found = await store.get(key, signal);
          if (once) await world.upload(REMOTE, B);
          once = false;
          return found;
        },
      }),
    });
    await claim(process, 3);
    expect(world.remote()).toBe(B);
    expect(metadataOf(world)?.epoch).toBe(3);
  });

  test("a bucket that says no says so; one that does not answer ends it when the time is up", async () => {
    const world = await uploaded(2);
    const error = new KgsyncError("bucket-denied", "scripted: no");
    const denied = world.boot({ faults: [{ on: "put", key: REMOTE, kind: "error", error }] });
    await expect(claim(denied, 3)).rejects.toMatchObject({ code: "bucket-denied" });
    const silent = world.boot({
      store: (store) => ({ ...store, put: async () => ({ outcome: "unknown", cause: undefined }) }),
    });
    await expect(claim(silent, 3, undefined, 5000)).rejects.toMatchObject({ code: "bucket-unavailable" });
  });
});

describe("an earlier holder that does not know it yet", () => {
  /** A has the lease with epoch 1 and has pulled; then B has claimed the graph with epoch 2. */
  const begin = async () => {
    const one = await uploaded(undefined);
    const two = createAppWorld(one);
    const process = one.boot();
    const { fence, superseded } = fenceAt(1);
    const io: Io = { ...process.io, fence };
    await claim(process, 1);
    const pushing = await process.within(60_000, (budget) => startAll(io, budget));
    await claim(two.boot(), 2);
    return { one, two, process, pushing, superseded };
  };
  const push = ({ process, pushing }: { readonly process: AppProcess; readonly pushing: Pushing }) =>
    process.within(60_000, (budget) => pushAll(pushing, { final: true, allowed: undefined }, budget));

  test("cannot put the graph any more: it is told, and its save is kept beside it", async () => {
    const { one, superseded, ...rest } = await begin();
    const mine = graphText(["a", "mine"]);
    one.save(mine);
    expect(await push(rest)).toMatchObject({
      data: "unsafe",
      why: expect.stringContaining("holds the lease (epoch 2"),
    });
    expect(superseded).toEqual([2]);
    expect(one.remote()).toBe(A);
    const kept = Object.entries(one.objects()).filter(([name]) => name.includes("quarantine"));
    expect(kept.map(([, text]) => namesIn(text))).toEqual([["a", "mine"]]);
  });

  test("whose lost put arrives late conflicts with the claim, and does not take the claim for its own", async () => {
    const { one, superseded, process, pushing } = await begin();
    process.play({ on: "put", key: REMOTE, kind: "lost-request" });
    one.save(graphText(["a", "mine"]));
    expect(await push({ process, pushing })).toMatchObject({ data: "unsafe" });
    process.expectAllPlayed();
    expect(superseded).toEqual([2]);
    expect(one.remote()).toBe(A);
  });
});
