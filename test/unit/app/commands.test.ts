import { describe, expect, test } from "vitest";
import { openBackupLedger } from "../../../src/app/backup-ledger.ts";
import { finalPush } from "../../../src/app/final-push.ts";
import { createGraphPusher } from "../../../src/app/graph-pusher.ts";
import { preparePush } from "../../../src/app/prepare-push.ts";
import { pullGraph } from "../../../src/app/pull-graph.ts";
import { openStateFolder } from "../../../src/app/state-folder.ts";
import { KgsyncError } from "../../../src/core/errors.ts";
import { type AppWorld, createAppWorld, type ProcessOptions, REMOTE } from "../../support/app-world.ts";
import { graphText, namesIn } from "../../support/app-world-graph.ts";

const A = graphText(["a"]);
const B = graphText(["a", "b"]);
const C = graphText(["a", "c"]);
const ABC = graphText(["a", "b", "c"]);

const inStep = async (world: AppWorld, options: ProcessOptions = {}): Promise<void> => {
  const process = world.boot(options);
  await process.start();
  world.save(A);
  expect(await process.finish()).toMatchObject({ data: "safe" });
};

/** `kgsync push`: what it came to, or the code it rejects with. */
const push = async (world: AppWorld, options: ProcessOptions = {}): Promise<string> => {
  const { io, within } = world.boot(options);
  try {
    return await within(60_000, async (budget) => {
      const folder = await openStateFolder(io);
      if ((await preparePush(io, folder, budget)) === "nothing") return "nothing";
      const pushing = { io, folder, ledger: await openBackupLedger(io), prune: async () => undefined };
      return (
        await finalPush({ ...pushing, graph: createGraphPusher(io, folder) }, budget, {
          allowed: undefined,
          disk: false,
        })
      ).data;
    });
  } catch (thrown) {
    return thrown instanceof KgsyncError ? thrown.code : String(thrown);
  }
};

const pull = async (world: AppWorld, options: ProcessOptions = {}): Promise<string> => {
  const { io, within, events } = world.boot(options);
  try {
    await within(60_000, async (budget) => pullGraph(io, await openStateFolder(io), budget));
    return events().at(-1) ?? "";
  } catch (thrown) {
    return thrown instanceof KgsyncError ? thrown.code : String(thrown);
  }
};

type Row = readonly [string, (world: AppWorld) => Promise<void> | void, string, string, string?, string?];
/** What was before; what `push` comes to; what `pull` comes to; the bucket after the push; the disk after the pull. */
const ROWS: readonly Row[] = [
  ["nothing anywhere", () => undefined, "nothing", "pull.nothing"],
  ["only on disk", (world) => world.save(A), "safe", "pull.local-newer", A, A],
  ["only in the bucket", (world) => world.upload(REMOTE, A), "nothing", "pull.done", A, A],
  ["in step", (world) => inStep(world), "nothing", "pull.done", A, A],
  [
    "the disk is newer",
    async (world) => {
      await inStep(world);
      world.save(B);
    },
    "safe",
    "pull.local-newer",
    B,
    B,
  ],
  [
    "the bucket is newer",
    async (world) => {
      await inStep(world);
      await world.upload(REMOTE, C);
    },
    "nothing",
    "pull.done",
    C,
    C,
  ],
  [
    "both have changed",
    async (world) => {
      await inStep(world);
      world.save(B);
      await world.upload(REMOTE, C);
    },
    "safe",
    "pull.merged",
    ABC,
    ABC,
  ],
  [
    "nothing is known of their past",
    async (world) => {
      world.save(B);
      await world.upload(REMOTE, C);
    },
    "safe",
    "pull.merged",
    ABC,
    ABC,
  ],
  [
    "the bucket's graph is gone, the disk unchanged",
    async (world) => {
      await inStep(world);
      world.erase(REMOTE);
    },
    "safe",
    "pull.local-newer",
    A,
    A,
  ],
  ["another, empty bucket", (world) => inStep(world, { bucket: "old:" }), "safe", "pull.local-newer", A, A],
  [
    "another bucket with another graph, the disk unchanged",
    async (world) => {
      await inStep(world, { bucket: "old:" });
      await world.upload(REMOTE, C);
    },
    "safe",
    "pull.merged",
    C,
    C,
  ],
  [
    "another bucket whose version happens to have the same etag",
    async (world) => {
      await inStep(world, { bucket: "old:" });
      const { remote } = world.state();
      while (world.bucketOf("memory:").objects.get(REMOTE)?.etag !== remote?.etag) await world.upload(REMOTE, C);
    },
    "safe",
    "pull.merged",
    C,
    C,
  ],
  [
    "damaged on disk",
    async (world) => {
      await inStep(world);
      world.save(B.slice(0, -3));
    },
    "graph-invalid",
    "pull.done",
    A,
    A,
  ],
  [
    "invalid in the bucket",
    async (world) => {
      await inStep(world);
      await world.upload(REMOTE, "[]");
    },
    "graph-invalid",
    "graph-invalid",
    "[]",
    A,
  ],
];

for (const [name, prepare, pushed, pulled, bucket, disk] of ROWS)
  describe(name, () => {
    test(`push: ${pushed}`, async () => {
      const world = createAppWorld();
      await prepare(world);
      const local = world.local();
      expect(await push(world)).toBe(pushed);
      expect(world.remote()).toBe(bucket);
      expect(world.local()).toBe(local); // a push writes nothing on disk
    });

    test(`pull: ${pulled}`, async () => {
      const world = createAppWorld();
      await prepare(world);
      const remote = world.remote();
      const local = world.local();
      expect(await pull(world)).toBe(pulled);
      expect(world.local()).toBe(disk);
      expect(world.remote()).toBe(remote); // a pull writes no graph to the bucket
      if (local !== world.local() && local !== undefined && local !== A)
        expect(Object.values(await world.aside())).toContain(local);
    });
  });

test("after a pull that merged, a push brings ours to the bucket, and nothing that others removed comes back", async () => {
  const world = createAppWorld();
  await inStep(world);
  world.save(B);
  await world.upload(REMOTE, graphText(["c"]));
  expect(await pull(world)).toBe("pull.merged");
  expect(await push(world)).toBe("safe");
  expect(namesIn(world.remote())).toEqual(["b", "c"]);
  expect(world.remote()).toBe(world.local());
});

test("a pull that merges two edits of the same keeps ours whole, and what gave way, in the state folder", async () => {
  const world = createAppWorld();
  await inStep(world);
  const ours = graphText({ a: "ours" });
  world.save(ours);
  await world.upload(REMOTE, graphText({ a: "theirs" }));
  expect(await pull(world)).toBe("pull.merged");
  const kept = await world.aside();
  expect(Object.values(kept)).toContain(ours);
  const record = Object.entries(kept).find(([name]) => name.endsWith(".conflicts"))?.[1];
  expect(JSON.parse(record ?? "")).toMatchObject({
    conflicts: [{ pointer: "/services/a", chosen: "theirs", ours: "ours" }],
  });
});

test.each([
  ["push", push],
  ["pull", pull],
])("%s to a bucket that cannot be reached fails, whatever a start may do", async (_, act) => {
  const world = createAppWorld();
  await inStep(world);
  world.save(B);
  const error = new KgsyncError("bucket-unavailable", "scripted: no answer");
  const rules = { onUnreachable: "local" } as const;
  expect(await act(world, { rules, faults: [{ on: "get", key: REMOTE, kind: "error", error }] })).toBe(
    "bucket-unavailable",
  );
});
