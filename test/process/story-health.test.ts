import { expect, test } from "vitest";
import { createStoryPlace, graphOf } from "../support/story-place.ts";
import { useBundle } from "../support/use-bundle.ts";

const bin = useBundle();

/** The line of src/adapters/code-cache.ts, which loads the program. */
const LOADED = "code cache";

test("a health check of one that is well does not load the program; all else is said by it", async () => {
  const place = createStoryPlace(bin);
  place.setRemote(graphOf("a"));
  const ask = async (...options: readonly string[]) => {
    const run = place.start(["health", ...options], { NODE_DEBUG: "kgsync" });
    const { code } = await run.ended;
    return { code, out: run.out(), loaded: run.err().includes(LOADED) };
  };
  const none = await ask();
  expect(none).toEqual({ code: 1, out: expect.stringContaining("no kgsync runs here"), loaded: true });
  const app = place.run();
  await app.waitForEvent("child.started");
  const words = expect.stringMatching(/^running; all local work is in the bucket\n$/);
  await expect.poll(() => ask(), { timeout: 20_000 }).toEqual({ code: 0, out: words, loaded: false });
  expect(await ask("--interval", "60s")).toEqual({ code: 0, out: words, loaded: true });
  app.signal("SIGTERM");
  await app.ended;
  expect(await ask()).toEqual({ code: 1, out: expect.stringContaining("kgsync has ended"), loaded: true });
});
