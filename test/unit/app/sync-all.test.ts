import { expect, test } from "vitest";
import { survey } from "../../../src/app/survey.ts";
import { syncAll } from "../../../src/app/sync-all.ts";
import { KgsyncError } from "../../../src/core/errors.ts";
import { type AppWorld, createAppWorld, type ProcessOptions, REMOTE } from "../../support/app-world.ts";
import { graphText, namesIn } from "../../support/app-world-graph.ts";

const A = graphText(["a"]);
const MANY = graphText(Array.from({ length: 40 }, (_, n) => `service${n}`));

const sync = async (world: AppWorld, options: ProcessOptions = {}) => {
  const { io, within } = world.boot(options);
  try {
    return await within(60_000, (budget) => syncAll(io, budget));
  } catch (thrown) {
    return thrown instanceof KgsyncError ? thrown.code : String(thrown);
  }
};

const look = async (world: AppWorld, options: ProcessOptions = {}) => {
  const before = JSON.stringify([world.objects(), await world.filesBelow("/data/.kgsync"), world.local()]);
  const process = world.boot(options);
  const found = await process.within(60_000, (budget) => survey(process.io, budget));
  expect(JSON.stringify([world.objects(), await world.filesBelow("/data/.kgsync"), world.local()])).toBe(before);
  return found;
};

test("each way in turn: created, clean, pulled, stored, merged; and a survey says it before, and changes nothing", async () => {
  const world = createAppWorld();
  expect((await look(world)).graph.do).toBe("start-empty");
  world.save(A);
  world.addBackup("one.json", "{}");
  world.clock.advance(60_000);
  expect(await look(world)).toMatchObject({ graph: { do: "create" }, dirty: true, backups: { push: 1 } });
  expect(await sync(world)).toEqual({ graph: "stored", pulled: 0, pushed: 1, documents: [] });
  expect(await look(world)).toMatchObject({ graph: { do: "keep" }, dirty: false, backups: { pull: 0, push: 0 } });
  expect(await sync(world)).toEqual({ graph: "clean", pulled: 0, pushed: 0, documents: [] });

  await world.upload(REMOTE, graphText(["a", "theirs"]));
  await world.upload("backups/two.json", "{}");
  expect(await look(world)).toMatchObject({ graph: { do: "pull" }, dirty: false, backups: { pull: 1, push: 0 } });
  expect(await sync(world)).toEqual({ graph: "pulled", pulled: 1, pushed: 0, documents: [] });
  expect(namesIn(world.local())).toEqual(["a", "theirs"]);

  world.save(graphText(["a", "theirs", "mine"]));
  await world.upload(REMOTE, graphText(["a", "theirs", "more"]));
  expect((await look(world)).graph.do).toBe("merge");
  expect(await sync(world)).toMatchObject({ graph: "merged" });
  expect(namesIn(world.local())).toEqual(["a", "mine", "more", "theirs"]);
  expect(world.local()).toBe(world.remote());
  expect(world.state().child).toBe(false); // the next to change it has read it

  world.save(A); // a person has seen the others, and takes them out
  expect(await sync(world)).toMatchObject({ graph: "stored" });
  expect(world.remote()).toBe(A);
});

test("all of ours gave way, and nothing was put: the sync says that it was merged", async () => {
  const graph = (owner: string): string => JSON.stringify({ services: { a: { owner } } });
  const world = createAppWorld();
  world.save(graph("ann"));
  world.clock.advance(60_000);
  await sync(world);
  world.save(graph("bob"));
  world.clock.advance(60_000);
  await world.upload(REMOTE, graph("eve"));
  const stored = world.remote();
  expect(await sync(world)).toMatchObject({ graph: "merged" });
  expect([world.local(), world.remote()]).toEqual([stored, stored]);
});

test("the shrink guard holds: neither side gives way, and the sync says so", async () => {
  const world = createAppWorld();
  world.save(MANY);
  expect(await sync(world)).toMatchObject({ graph: "stored" });
  world.save(A);
  expect(await sync(world)).toBe("not-durable");
  expect(await sync(world)).toBe("not-durable"); // the latch is no ground to take the bucket's
  expect([world.remote(), world.local()]).toEqual([MANY, A]);
});

test("an invalid graph in the bucket is refused, also where a start would fall back", async () => {
  const world = createAppWorld();
  world.save(A);
  await sync(world);
  await world.upload(REMOTE, "nonsense");
  expect(await sync(world, { rules: { onInvalidRemote: "fallback" } })).toBe("graph-invalid");
  expect([world.remote(), world.local()]).toEqual(["nonsense", A]);
});

test.for(["refuse", "local"] as const)(
  "a bucket that does not answer: the sync fails, and a survey says what the disk alone tells (%s)",
  async (onUnreachable) => {
    const world = createAppWorld();
    world.save(A);
    await sync(world);
    world.save(graphText(["a", "mine"]));
    const store: ProcessOptions["store"] = (inner) => ({
      ...inner,
      get: async () => {
        throw new KgsyncError("bucket-unavailable", "no answer");
      },
    });
    const options = { store, rules: { onUnreachable } };
    expect(await look(world, options)).toMatchObject({ dirty: true, unreachable: { code: "bucket-unavailable" } });
    expect(await sync(world, options)).toBe("bucket-unavailable");
    expect(world.remote()).toBe(A);
  },
);
