import { join } from "node:path";
import { expect, test } from "vitest";
import { createStoryPlace, graphOf } from "../support/story-place.ts";
import { useBundle } from "../support/use-bundle.ts";

const bin = useBundle();
const SECRET = "a-key-that-nobody-may-see";

test.each(["clean", "inherit"] as const)("KGSYNC_CHILD_ENV=%s holds for hooks and the validator", async (mode) => {
  const place = createStoryPlace(bin);
  const noting = (name: string): string =>
    JSON.stringify(["/bin/sh", "-c", 'cat >/dev/null; env >>"$0"', join(place.root, name)]);
  const run = place.run(
    { save: graphOf("one") },
    {
      KGSYNC_CHILD_ENV: mode,
      AWS_SECRET_ACCESS_KEY: SECRET,
      KGSYNC_HOOK_BEFORE_PUSH: noting("hook"),
      KGSYNC_VALIDATE_CMD: noting("validator"),
    },
  );
  await run.waitForEvent("push.stored");
  run.signal("SIGTERM");
  await run.ended;
  for (const name of ["hook", "validator"]) {
    const env = place.textAt(join(place.root, name));
    expect(env).toMatch(/^PATH=/m);
    if (mode === "inherit") expect(env).toContain(SECRET);
    else expect(env).not.toMatch(/a-key-that|^KGSYNC_/m);
  }
});
