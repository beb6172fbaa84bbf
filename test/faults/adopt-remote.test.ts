import { describe, expect, test } from "vitest";
import { adoptRemote } from "../../src/app/adopt-remote.ts";
import { type AppProcess, type AppWorld, createAppWorld, type ProcessOptions, REMOTE } from "../support/app-world.ts";
import { graphText, namesIn } from "../support/app-world-graph.ts";

const A = graphText(["a"]);
const GRAPH = "/data/graph.json";

const running = async (options: ProcessOptions = {}): Promise<{ world: AppWorld; process: AppProcess }> => {
  const world = createAppWorld();
  await world.upload(REMOTE, A);
  const process = world.boot(options);
  await process.start();
  return { world, process };
};

const adopt = (process: AppProcess): Promise<boolean> =>
  process.within(60_000, (budget) => adoptRemote(process.io, process.pushing().folder, budget));

describe("the bucket's graph written under the running app", () => {
  test("it has ours and theirs; once more there is nothing new", async () => {
    const { world, process } = await running();
    world.save(graphText(["a", "ours"]));
    await world.upload(REMOTE, graphText(["a", "theirs"]));
    expect(await adopt(process)).toBe(true);
    expect(namesIn(world.local())).toEqual(["a", "ours", "theirs"]);
    expect(world.local()).toBe(world.remote());
    expect(await adopt(process)).toBe(false);
    expect(await process.push()).toMatchObject({ data: "safe" });
    expect(namesIn(world.remote())).toEqual(["a", "ours", "theirs"]);
  });

  test.each([
    ["has not read it", ["a", "b"], ["a", "b", "theirs"]],
    ["has read it", ["a", "b", "theirs"], ["a", "b", "theirs"]],
    ["has read it, and removed what both had", ["b", "theirs"], ["b", "theirs"]],
    ["has not read it, and removed what both had", ["b"], ["b", "theirs"]],
  ])("an app that %s: its next save removes nothing that it may never have seen", async (_, saved, expected) => {
    const { world, process } = await running();
    world.save(graphText(["a"], "2026-01-02T00:00:00Z")); // it has written all that it was started on
    await process.push();
    await world.upload(REMOTE, graphText(["a", "theirs"]));
    expect(await adopt(process)).toBe(true);
    expect(await process.push()).toMatchObject({ data: "safe" });
    world.save(graphText(saved));
    expect(await process.push()).toMatchObject({ data: "safe" });
    expect(namesIn(world.remote())).toEqual(expected);
    // From then on it is known what the app holds, and a removal is one.
    world.save(graphText(saved.filter((name) => name !== "b")));
    expect(await process.finish()).toMatchObject({ data: "safe" });
    expect(namesIn(world.remote())).toEqual(expected.filter((name) => name !== "b"));
  });

  test("a save that had opened the file before the swap is not lost", async () => {
    const { world, process } = await running();
    await world.upload(REMOTE, graphText(["a", "theirs"]));
    const write = world.disk.app.open(GRAPH);
    const adopted = adopt(process);
    world.clock.after(100, () => write(world.encode(graphText(["a", "late"]))));
    expect(await adopted).toBe(false);
    expect(namesIn(world.local())).toEqual(["a", "late"]);
    expect(await process.finish()).toMatchObject({ data: "safe" });
    expect(namesIn(world.remote())).toEqual(["a", "late", "theirs"]);
  });

  test("killed before the app had saved again: the next start pulls what the bucket has by then", async () => {
    const { world, process } = await running();
    await world.upload(REMOTE, graphText(["a", "theirs"]));
    expect(await adopt(process)).toBe(true);
    process.gate.kill();
    await world.upload(REMOTE, graphText(["theirs", "more"]));
    const next = world.boot();
    await next.start();
    expect(namesIn(world.local())).toEqual(["more", "theirs"]);
    expect(world.state()).toMatchObject({ base: { sha256: world.digest(world.local() ?? "") } });
    expect(world.state().otherView).toBeUndefined();
  });

  test("a file that cannot be renamed over is left alone, and the message says what to do", async () => {
    const { world, process } = await running();
    world.disk.mount(GRAPH);
    await world.upload(REMOTE, graphText(["a", "theirs"]));
    expect(await adopt(process)).toBe(false);
    expect(world.local()).toBe(A);
    expect(process.events()).toContain("adopt.single-file");
    expect(world.state()).toMatchObject({ base: { sha256: world.digest(A) } });
    expect(world.state().otherView).toBeUndefined();
  });

  test.each(["before", "after"] as const)("dead %s the swap: the next start is in step", async (how) => {
    for (let at = 0; at < 6; at++) {
      const { world, process } = await running();
      process.gate.kill();
      const second = world.boot();
      await second.start();
      await world.upload(REMOTE, graphText(["a", "theirs"]));
      second.gate.kill();
      const third = world.boot({ crash: { at, how } });
      await third.live(async () => {
        await third.start();
        await world.upload(REMOTE, graphText(["a", "more", "theirs"]));
        await adopt(third);
        third.gate.kill();
      });
      const next = world.boot();
      await next.start();
      expect(namesIn(world.local())).toEqual(namesIn(world.remote()));
      expect(namesIn(world.local())).toContain("theirs");
      world.save(graphText(["z"]));
      await next.finish();
      expect(namesIn(world.remote())).toEqual(["z"]);
    }
  });
});
