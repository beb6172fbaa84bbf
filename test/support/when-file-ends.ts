import { afterAll } from "vitest";

/** Keeps clean-up for the end of the test file, the last first. To be called where hooks may be: at the file's top. */
export const whenFileEnds = (): ((work: () => Promise<void> | void) => void) => {
  const all: (() => Promise<void> | void)[] = [];
  afterAll(async () => {
    for (const work of all.toReversed()) await work();
  });
  return (work) => void all.push(work);
};
