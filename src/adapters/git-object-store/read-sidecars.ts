import { readBlobs } from "./read-blobs.ts";
import type { RunGit } from "./run-git.ts";
import { parseSidecar, type Sidecar } from "./sidecar.ts";
import type { TreeObject } from "./snapshot.ts";

/** The sidecar of each object, as far as it has one that speaks of the blob that is there. */
export type ReadSidecars = (
  git: RunGit,
  objects: readonly TreeObject[],
  signal: AbortSignal,
) => Promise<readonly (Sidecar | undefined)[]>;

const MAX_KNOWN = 10_000;

/** Each is read once: a blob does not change. */
export const createReadSidecars = (): ReadSidecars => {
  const known = new Map<string, Sidecar | undefined>();
  return async (git, objects, signal) => {
    const wanted = new Set(objects.flatMap(({ sidecar }) => (sidecar === undefined ? [] : [sidecar])));
    if (known.size > MAX_KNOWN) known.clear();
    const ids = [...wanted].filter((id) => !known.has(id));
    const texts = await readBlobs(git, ids, signal);
    for (const [index, id] of ids.entries()) known.set(id, parseSidecar(texts[index]?.toString("utf8") ?? ""));
    return objects.map(({ blob, sidecar }) => {
      const found = sidecar === undefined ? undefined : known.get(sidecar);
      return found?.blob === blob ? found : undefined;
    });
  };
};
