import { expect, test } from "vitest";
import { type AppWorld, createAppWorld, REMOTE } from "../support/app-world.ts";
import { graphText, namesIn } from "../support/app-world-graph.ts";

const A = graphText(["a"]);

/** A sidecar and its app on A; the sidecar is killed, and meanwhile others add b. */
const killed = async (): Promise<AppWorld> => {
  const world = createAppWorld();
  const first = world.boot();
  await first.start(true);
  world.save(A);
  expect(await first.push()).toMatchObject({ data: "safe" });
  await world.upload(REMOTE, graphText(["a", "b"]));
  return world;
};

test("a sidecar that starts again beside its living app: what others added is no removal when the app saves without it", async () => {
  const world = await killed();
  const second = world.boot();
  await second.start(true);
  expect(namesIn(world.local())).toEqual(["a", "b"]); // for an app that starts now
  world.save(graphText(["a", "mine"])); // by the one that has been running all the time
  expect(await second.push()).toMatchObject({ data: "safe", graph: "merged" });
  expect(namesIn(world.remote())).toEqual(["a", "b", "mine"]);
});

test("without that care it would be one: the same with a start that takes the app for new", async () => {
  const world = await killed();
  const second = world.boot();
  await second.start(false);
  world.save(A);
  await second.push(); // the first save of a new app is forgiven what it lacks, the next is not
  world.save(graphText(["a", "mine"]));
  expect(await second.push()).toMatchObject({ data: "safe" });
  expect(namesIn(world.remote())).not.toContain("b");
});

test("an app that was started anew has read what others added, and what it takes out of its own is out", async () => {
  const world = await killed();
  const second = world.boot();
  await second.start(true);
  world.save(graphText(["b", "mine"]));
  expect(await second.push()).toMatchObject({ data: "safe" });
  expect(namesIn(world.remote())).toEqual(["b", "mine"]);
});

test("again and again, with no save in between: the disk follows the bucket, and the oldest view still counts", async () => {
  const world = await killed();
  await world.boot().start(true);
  await world.upload(REMOTE, graphText(["a", "b", "c"]));
  await world.boot().start(true);
  expect(namesIn(world.local())).toEqual(["a", "b", "c"]);
  const last = world.boot();
  await last.start(true); // both sides equal now: that settles nothing
  world.save(graphText(["a", "mine"]));
  expect(await last.push()).toMatchObject({ data: "safe" });
  expect(namesIn(world.remote())).toEqual(["a", "b", "c", "mine"]);
});

test("both sides have changed: ours is pushed, and the disk gets the whole without anything being called removed later", async () => {
  const world = await killed();
  world.save(graphText(["a", "offline"]));
  const second = world.boot();
  await second.start(true);
  expect(namesIn(world.remote())).toEqual(["a", "b", "offline"]);
  expect(namesIn(world.local())).toEqual(["a", "b", "offline"]);
  world.save(graphText(["a", "offline", "mine"]));
  expect(await second.push()).toMatchObject({ data: "safe" });
  expect(namesIn(world.remote())).toEqual(["a", "b", "mine", "offline"]);
});

test("a torn file: when it stands still it gives way, and an app that still runs is not taken for one that read the new one", async () => {
  const world = await killed();
  world.save('{"half');
  const second = world.boot();
  await second.start(true);
  expect(namesIn(world.local())).toEqual(["a", "b"]);
  expect(Object.values(await world.aside())).toEqual(['{"half']);
  world.save(graphText(["a", "mine"]));
  expect(await second.push()).toMatchObject({ data: "safe" });
  expect(namesIn(world.remote())).toEqual(["a", "b", "mine"]);
});

test("another bucket than before: what the app holds is new there, and none of it is taken for known", async () => {
  const world = await killed();
  world.save('{"half');
  await world.upload(REMOTE, graphText(["y"]), "other:");
  const second = world.boot({ bucket: "other:" });
  await second.start(true);
  expect(namesIn(world.local())).toEqual(["y"]);
  world.save(graphText(["a", "mine"]));
  expect(await second.push()).toMatchObject({ data: "safe" });
  expect(namesIn(world.remote("other:"))).toEqual(["a", "mine", "y"]);
});

test("the end of a sidecar writes nothing under an app that may still run", async () => {
  const world = await killed();
  const second = world.boot();
  await second.start(true);
  await world.upload(REMOTE, graphText(["a", "b", "late"]));
  world.save(graphText(["a", "b", "mine"]));
  expect(await second.finish(60_000, undefined, false)).toMatchObject({ data: "safe", graph: "merged" });
  expect(namesIn(world.local())).toEqual(["a", "b", "mine"]);
});

test.for(["before", "after"] as const)(
  "killed %s any write of such a start, and started once more: nothing of either side is lost",
  async (how) => {
    let deaths = 0;
    for (let at = 0; ; at++) {
      const world = await killed();
      world.save(graphText(["a", "offline"]));
      const dying = world.boot({ crash: { at, how } });
      let started = false;
      await dying.live(async () => {
        await dying.start(true);
        started = true;
      });
      const third = world.boot();
      await third.start(true);
      expect([at, namesIn(world.local())]).toEqual([at, ["a", "b", "offline"]]);
      world.save(graphText(["a", "offline", "mine"]));
      expect(await third.push()).toMatchObject({ data: "safe" });
      expect([at, namesIn(world.remote())]).toEqual([at, ["a", "b", "mine", "offline"]]);
      if (started) break;
      deaths++;
    }
    expect(deaths).toBeGreaterThan(5);
  },
);
