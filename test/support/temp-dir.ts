import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A fresh folder (its real path), removed when the running test has ended. */
export const tempDir = (): string => {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), "kgsync-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
};
