import type { Io } from "./io.ts";

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
  { store, document: { versions } }: Pick<Io, "store" | "document">,
  prefix: string,
  signal: AbortSignal,
): Promise<readonly ListedVersion[]> => {
  const found: ListedVersion[] = [];
  for await (const { name, size, modified } of store.list(versions + prefix, signal)) {
    const version = /^([0-9a-f]{16})\.json$/.exec(name.slice(versions.length))?.[1];
    if (version !== undefined) found.push({ name: version, size, modified });
  }
  return found.sort((a, b) => b.modified - a.modified);
};
