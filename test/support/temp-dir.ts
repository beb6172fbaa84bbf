import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A fresh folder (its real path), removed when the running test has ended; concurrent tests name whose end that is. */
export const tempDir = (whenFinished: (work: () => void) => void = onTestFinished): string => {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), "kgsync-"));
  whenFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
};
