import fc from "fast-check";
import { expect, test } from "vitest";
import { KgsyncError } from "../../src/core/errors.ts";
import { type AppProcess, type AppWorld, createAppWorld, REMOTE } from "../support/app-world.ts";
import type { Crash } from "../support/app-world-gate.ts";
import { graphText, namesIn } from "../support/app-world-graph.ts";

/** What may happen to one machine and its bucket, in any order. */
type Op =
  | { readonly do: "save" | "undo" | "tear" | "push" | "finish" | "restart" | "upload" | "upload-same" | "touch" }
  | { readonly do: "forget" }
  | { readonly do: "crash"; readonly steps: number; readonly how: Crash["how"] }
  | { readonly do: "lose"; readonly applied: boolean; readonly blind: boolean };

const op: fc.Arbitrary<Op> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constantFrom(
        ...([
          "save",
          "save",
          "undo",
          "tear",
          "push",
          "push",
          "finish",
          "restart",
          "upload",
          "upload-same",
          "touch",
        ] as const),
      ),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ do: "forget" as const }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("crash" as const),
      steps: fc.nat(14),
      how: fc.constantFrom("before" as const, "after" as const, "late" as const),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant("lose" as const), applied: fc.boolean(), blind: fc.boolean() }),
  },
);

const meaning = (text: string): string => JSON.stringify(namesIn(text) ?? text);
const down = new KgsyncError("bucket-unavailable", "scripted: no answer");

/**
 * The app loads the graph at start and saves what it holds with something added; a person uploads. A version that nobody
 * built upon, and that no person replaced, must be somewhere at the end.
 */
const createStory = (world: AppWorld) => {
  const leaves = new Set<string>();
  /** A person replaced them; going back to one is no change against it. */
  const dropped = new Set<string>();
  /** Facts that a person or the app took out: a merge keeps them out. */
  const removed = new Set<string>();
  const take = (before: string | undefined, after: string | undefined): void => {
    for (const fact of namesIn(before) ?? []) if (namesIn(after)?.includes(fact) !== true) removed.add(fact);
  };
  const broken: string[] = [];
  let count = 0;
  let view: string | undefined;
  let saves: string[] = [];
  let process: AppProcess | undefined;
  let crash: Crash | undefined;
  world.watchers.put = (name, text, replaced, by) => {
    if (name !== REMOTE) return;
    if (by === "person" && replaced !== undefined && replaced !== text) {
      leaves.delete(meaning(replaced));
      dropped.add(meaning(replaced));
      take(replaced, text);
    }
    if (text !== undefined && namesIn(text) === undefined) broken.push(`invalid in the bucket: ${text}`);
    if (text !== undefined && text !== replaced && by === "person") leaves.add(meaning(text));
  };
  const save = (text: string): void => {
    if (process === undefined) return; // the app does not run
    take(view, text);
    replaceFile(text);
    saves.push(text);
    view = text;
  };
  /** What the app wrote before is replaced by the app itself. */
  const replaceFile = (text: string): void => {
    const before = world.local();
    if (before !== undefined) leaves.delete(meaning(before));
    if (!dropped.has(meaning(text))) leaves.add(meaning(text));
    world.save(text);
  };
  const fresh = (): string => `v${++count}`;
  const start = async (): Promise<void> => {
    process = undefined;
    const next = world.boot(crash === undefined ? {} : { crash });
    crash = undefined;
    await next.live(async () => {
      try {
        await next.start();
      } catch (thrown) {
        if (!(thrown instanceof KgsyncError)) throw thrown;
        return;
      }
      process = next;
      const local = world.local();
      view = namesIn(local) === undefined ? undefined : local;
      saves = view === undefined ? [] : [view];
    });
    reap(next);
  };
  /** A dead wrapper takes the app with it. */
  const reap = (it: AppProcess): void => {
    if (it.gate.isDead() && process === it) process = undefined;
  };
  const live = async (work: (it: AppProcess) => Promise<unknown>): Promise<void> => {
    const it = process;
    if (it === undefined) return;
    await it.live(async () => void (await work(it)));
    reap(it);
  };
  const play = async (step: Op): Promise<void> => {
    switch (step.do) {
      case "save":
        return save(graphText([...(namesIn(view) ?? []).slice(-4), fresh()]));
      case "undo":
        return save(saves[Math.floor(saves.length / 2)] ?? graphText([fresh()]));
      case "tear":
        if (process !== undefined && view !== undefined) replaceFile(view.slice(0, -3)); // the app writes; its next save is whole
        return;
      case "touch":
        if (process !== undefined && view !== undefined)
          save(graphText(namesIn(view) ?? [], `2027-01-01T00:00:${fresh()}`));
        return;
      case "push":
        return live((it) => it.push());
      case "finish":
        return live((it) => it.finish(5_000));
      case "restart":
        await live((it) => it.finish(5_000));
        process?.gate.kill();
        return start();
      case "upload":
        return world.upload(REMOTE, graphText([fresh()]));
      case "upload-same":
        if (world.remote() !== undefined) await world.upload(REMOTE, world.remote() ?? "");
        return;
      case "forget":
        process?.gate.kill();
        await world.forget();
        return start();
      case "crash":
        process?.gate.kill();
        crash = { at: step.steps, how: step.how };
        return start();
      case "lose":
        process?.play(
          { on: "put", key: REMOTE, kind: step.applied ? "lost-response" : "lost-request" },
          ...(step.blind ? [{ on: "head", key: REMOTE, kind: "error", error: down } as const] : []),
        );
    }
  };
  return { play, start, leaves, removed, broken, stop: () => process?.gate.kill(), fresh };
};

const tell = async (steps: readonly Op[]): Promise<void> => {
  const world = createAppWorld();
  const story = createStory(world);
  await story.start();
  for (const step of steps) await story.play(step);
  story.stop();
  const torn = namesIn(world.local()) === undefined ? world.local() : undefined;
  const last = world.boot();
  if (torn !== undefined && world.remote() === undefined) {
    await expect(last.start()).rejects.toMatchObject({ code: "graph-invalid" });
    return;
  }
  await last.start();
  await last.finish();
  const files = [world.local() ?? "", ...Object.values(await world.aside())];
  const found = new Set([...Object.values(world.objects()), ...files].map(meaning));
  expect(story.broken).toEqual([]);
  const held = new Set([...story.removed, ...(namesIn(world.local()) ?? []), ...(namesIn(world.remote()) ?? [])]);
  const merged = (leaf: string): boolean =>
    leaf.startsWith("[") && JSON.parse(leaf).every((fact: string) => held.has(fact));
  expect([...story.leaves].filter((leaf) => !found.has(leaf) && !merged(leaf))).toEqual([]);
  // Nothing is on the wire any more: the next life starts in step, and its first save arrives.
  const next = world.boot();
  await next.start();
  expect(await next.finish()).toMatchObject({ data: "safe" });
  expect(meaning(world.local() ?? "")).toBe(meaning(world.remote() ?? ""));
  const more = graphText([story.fresh()]);
  world.save(more);
  expect(await next.finish()).toMatchObject({ data: "safe" });
  expect(meaning(world.remote() ?? "")).toBe(meaning(more)); // a merge keeps the later clock
  expect(world.state()).toMatchObject({
    dirty: false,
    base: { kind: "content", sha256: world.digest(world.local() ?? "") },
  });
};

test("whatever happens in whatever order, a version that nobody built upon is somewhere at the end", async () => {
  await fc.assert(fc.asyncProperty(fc.array(op, { minLength: 2, maxLength: 14 }), tell), { numRuns: 1000 });
});
