import fc from "fast-check";
import { expect, test } from "vitest";
import { createAppWorld, REMOTE } from "../support/app-world.ts";
import { graphText, namesIn } from "../support/app-world-graph.ts";

const STEPS = [
  "app starts anew",
  "app saves",
  "others add",
  "push",
  "killed",
  "killed at a write",
  "stopped",
  "state lost",
  "file torn",
] as const;
type Step = { readonly what: (typeof STEPS)[number]; readonly at: number };

const schedule: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({ what: fc.constantFrom(...STEPS), at: fc.integer({ min: 0, max: 12 }) }),
  { minLength: 4, maxLength: 24 },
);

/**
 * An app that loads its graph once and writes back what it holds, a sidecar that comes and goes beside it, and others who write
 * the bucket. Each only adds: so everything that was ever added is in the bucket at the end.
 */
const play = async (
  steps: readonly Step[],
): Promise<{ readonly added: readonly string[]; readonly there: unknown }> => {
  const world = createAppWorld();
  const added: string[] = [];
  let held: readonly string[] = [];
  let count = 0;
  const fresh = (who: string): string => {
    const name = `${who}${count++}`;
    added.push(name);
    return name;
  };
  let sidecar = world.boot();
  await sidecar.start(true);
  const save = (): void => {
    held = [...held, fresh("app")];
    world.save(graphText(held));
  };
  save();
  await sidecar.push();
  for (const { what, at } of steps) {
    switch (what) {
      case "app starts anew":
        held = namesIn(world.local()) ?? [];
        break;
      case "app saves":
        save();
        break;
      case "others add":
        await world.upload(REMOTE, graphText([...(namesIn(world.remote()) ?? []), fresh("other")]));
        break;
      case "push":
        await sidecar.push();
        break;
      case "stopped":
        expect(await sidecar.finish(60_000, undefined, false)).toMatchObject({ data: "safe" });
        sidecar = world.boot();
        await sidecar.start(true);
        break;
      case "killed at a write": {
        const dying = world.boot({ crash: { at, how: at % 2 === 0 ? "before" : "after" } });
        await dying.live(() => dying.start(true));
        sidecar = world.boot();
        await sidecar.start(true);
        break;
      }
      case "state lost":
        await world.forget();
        sidecar = world.boot();
        await sidecar.start(true);
        break;
      case "file torn": // in the middle of a save that changes nothing
        await sidecar.push();
        world.save('{"half');
        sidecar = world.boot();
        await sidecar.start(true);
        break;
      case "killed":
        sidecar = world.boot();
        await sidecar.start(true);
    }
  }
  await sidecar.push();
  expect(await sidecar.finish(60_000, undefined, false)).toMatchObject({ data: "safe" });
  return { added: added.sort(), there: [...(namesIn(world.remote()) ?? [])].sort() };
};

test("a sidecar that is killed, stopped and started again beside any app: nothing that anybody added is lost", async () => {
  await fc.assert(
    fc.asyncProperty(schedule, async (steps) => {
      const { added, there } = await play(steps);
      expect(there).toEqual(added);
    }),
    { numRuns: 400 },
  );
});
