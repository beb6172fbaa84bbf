import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { buildBundle } from "../../scripts/build.ts";

/** A finished bundle to test instead of one built now: what an image ships, or one that is broken on purpose. */
const GIVEN = process.env["KGSYNC_TEST_BUNDLE"];

/** Builds the real program once for the test file, in a folder of its own. Answers the path of its `bin`. */
export const useBundle = (): (() => string) => {
  if (GIVEN !== undefined) return () => join(GIVEN, "kgsync.cjs");
  let folder: string | undefined;
  beforeAll(async () => {
    folder = mkdtempSync(join(realpathSync(tmpdir()), "kgsync-dist-"));
    await buildBundle(folder);
  });
  afterAll(() => {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  });
  return () => {
    if (folder === undefined) throw new Error("the bundle is there from the first test on, not before");
    return join(folder, "kgsync.cjs");
  };
};
