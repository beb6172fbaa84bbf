import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { createStoryPlace, graphOf } from "../support/story-place.ts";
import { useBundle } from "../support/use-bundle.ts";

const bin = useBundle();

// Before Node has installed our listeners TERM kills it, which is no loss outside of a container: a shell calls it 143 too.
test("a TERM at any time of the start ends kgsync by it, and nothing of the app's is put", async ({
  onTestFinished,
}) => {
  for (let ms = 0; ms <= 200; ms += 10) {
    const place = createStoryPlace(bin, onTestFinished);
    place.setRemote(graphOf("before"));
    const run = place.start(["run", "--", "sleep", "600"]);
    await pause(ms);
    run.signal("SIGTERM");
    const { code, signal } = await run.ended;
    expect({ ms, end: signal ?? code, err: run.err() }).toMatchObject({ end: signal === null ? 143 : "SIGTERM" });
    // What the probe of the store writes is there from the first start on: it is never deleted.
    const objects = place.objects().filter((name) => name !== ".kgsync/probe");
    expect({ ms, remote: place.remote(), objects }).toMatchObject({
      remote: graphOf("before"),
      objects: ["knowledge_graph.json"],
    });
  }
});
