import { describe, expect, test } from "vitest";
import { adoptRemote } from "../../../src/app/adopt-remote.ts";
import { pullGraph } from "../../../src/app/pull-graph.ts";
import { openStateFolder } from "../../../src/app/state-folder.ts";
import { push } from "../../../src/commands/push.ts";
import { KgsyncError } from "../../../src/core/errors.ts";
import { type AppProcess, type AppWorld, createAppWorld, REMOTE } from "../../support/app-world.ts";
import { namesIn } from "../../support/app-world-graph.ts";

/** As an app that we know writes it; an older version of it does not know `schema`. */
const known = (names: string, more: object = {}): string =>
  JSON.stringify({
    version: "1.0.0",
    last_updated: "2026-01-01T00:00:00Z",
    services: Object.fromEntries([...names].map((name) => [name, { name }])),
    patterns: {},
    ...more,
  });
const NEW = { schema: 2 };

const schemaOf = (text: string | undefined): unknown => JSON.parse(text ?? "").schema;

const started = async (world: AppWorld, options?: Parameters<AppWorld["boot"]>[0]): Promise<AppProcess> => {
  const process = world.boot(options);
  await process.start();
  return process;
};

/** An older app starts on what there is, adds a fact, and drops what it does not know: the field must stay. */
const oldAppKeepsField = async (world: AppWorld): Promise<void> => {
  const process = await started(world);
  expect(schemaOf(world.local())).toBe(2);
  world.save(known("ab"));
  expect(await process.finish()).toMatchObject({ data: "safe" });
  expect(schemaOf(world.remote())).toBe(2);
  expect(namesIn(world.remote())).toEqual(["a", "b"]);
};

/** A world whose bucket holds somebody else's graph. */
const theirs = async (): Promise<AppWorld> => {
  const world = createAppWorld();
  await world.upload(REMOTE, known("a", NEW));
  return world;
};

describe("a field that an older app does not know stays, when the app first saves", () => {
  test("in the life after one that saved nothing", async () => {
    const world = await theirs();
    await (await started(world)).finish();
    await oldAppKeepsField(world);
  });

  test("after a crash between the write of the disk and the note of it", async () => {
    const world = await theirs();
    for (let at = 0; schemaOf(world.local() ?? "{}") === undefined; at++) {
      const process = world.boot({ crash: { at, how: "after" } });
      await process.live(process.start);
    }
    expect(world.state().intent?.kind).toBe("disk");
    await oldAppKeepsField(world);
  });

  test("after the file was replaced under an app that did not save again", async () => {
    const world = createAppWorld();
    const process = await started(world);
    world.save(known("a"));
    await process.push();
    await world.upload(REMOTE, known("a", NEW));
    const { folder } = process.pushing();
    expect(await process.within(60_000, (budget) => adoptRemote(process.io, folder, budget))).toBe(true);
    await process.finish();
    await oldAppKeepsField(world);
  });

  test("after it was read again, when it was in the file before too", async () => {
    const world = await theirs();
    const process = await started(world);
    await world.upload(REMOTE, known("ac", NEW));
    const { folder } = process.pushing();
    expect(await process.within(60_000, (budget) => adoptRemote(process.io, folder, budget))).toBe(true);
    await process.push();
    world.save(known("abc"));
    await process.finish();
    expect(schemaOf(world.remote())).toBe(2);
  });

  test("where nothing is known of the disk, and the bucket holds the same", async () => {
    const world = await theirs();
    await (await started(world)).finish();
    await world.forget();
    await oldAppKeepsField(world);
  });

  test("where the bucket could not be reached at the start", async () => {
    const world = await theirs();
    await (await started(world)).finish();
    const process = await started(world, {
      rules: { onUnreachable: "local" },
      faults: [{ on: "get", key: REMOTE, kind: "error", error: new KgsyncError("bucket-unavailable", "down") }],
    });
    world.save(known("ab"));
    await process.finish();
    expect(schemaOf(world.remote())).toBe(2);
  });

  test("after a person has changed the file between two runs, whichever side had the field", async () => {
    const world = await theirs();
    await (await started(world)).finish();
    world.save(known("a", { ...NEW, note: "by hand" }));
    await oldAppKeepsField(world);
    expect(JSON.parse(world.remote() ?? "").note).toBe("by hand");
  });

  test("also of a save that only a crash has kept from the bucket", async () => {
    const world = await theirs();
    const process = await started(world);
    world.save(known("ab"));
    process.gate.kill();
    await (await started(world)).finish();
    expect(schemaOf(world.remote())).toBe(2);
    expect(namesIn(world.remote())).toEqual(["a", "b"]);
  });
});

describe("a field is removed", () => {
  const byHand: readonly [string, (process: AppProcess) => Promise<unknown>][] = [
    ["`kgsync push`", ({ io, within }) => within(60_000, () => push(io, undefined, new AbortController().signal))],
    ["`kgsync run`", (process) => process.start()],
  ];
  for (const [name, bring] of byHand) {
    test(`by a person, after a run that has ended, and then ${name}`, async () => {
      const world = await theirs();
      await (await started(world)).finish();
      world.save(known("a"));
      await bring(world.boot());
      expect(world.remote()).toBe(known("a"));
    });

    test(`by a person, after \`kgsync pull\`, and then ${name}`, async () => {
      const world = await theirs();
      const process = world.boot();
      await process.within(60_000, async (budget) => pullGraph(process.io, await openStateFolder(process.io), budget));
      world.save(known("a"));
      await bring(world.boot());
      expect(world.remote()).toBe(known("a"));
    });
  }

  test("by an app that has written all of the same graph before", async () => {
    const world = await theirs();
    const first = await started(world);
    world.save(known("a", NEW).replace("2026", "2027"));
    await first.finish();
    const second = await started(world);
    world.save(known("a"));
    await second.finish();
    expect(world.remote()).toBe(known("a"));
  });
});
