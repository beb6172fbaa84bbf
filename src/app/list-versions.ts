import type { ObjectStore } from "../ports/object-store.ts";
import { VERSIONS_PREFIX } from "./keys.ts";

/** A version of the graph that was replaced and kept. */
export type ListedVersion = {
  /** The first 16 digits of its SHA-256. */
  readonly name: string;
  readonly size: number;
  /** When it was kept, by the store's clock: Unix milliseconds. */
  readonly modified: number;
};

/** Those whose name starts with `prefix`, newest first. Rejects as the store does. */
export const listVersions = async (
  store: ObjectStore,
  prefix: string,
  signal: AbortSignal,
): Promise<readonly ListedVersion[]> => {
  const found: ListedVersion[] = [];
  for await (const { name, size, modified } of store.list(VERSIONS_PREFIX + prefix, signal)) {
    const version = /^([0-9a-f]{16})\.json$/.exec(name.slice(VERSIONS_PREFIX.length))?.[1];
    if (version !== undefined) found.push({ name: version, size, modified });
  }
  return found.sort((a, b) => b.modified - a.modified);
};
