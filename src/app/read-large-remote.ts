import { KgsyncError } from "../core/errors.ts";
import { decodeMetadata } from "../core/metadata.ts";
import type { LargeFile, LargeFiles } from "../ports/large-files.ts";
import type { ObjectMeta } from "../ports/object-store.ts";
import type { Io } from "./io.ts";
import type { RemoteRead, Seen } from "./read-remote.ts";

/** As often as the version may change while it is brought. */
const TRIES = 5;

const remoteOf = (file: LargeFile, { etag, metadata }: ObjectMeta): RemoteRead => {
  const { check, sha256 } = file;
  if (check.kind !== "valid") return { kind: "invalid", why: check.why, bytes: file, sha256, etag };
  const told = decodeMetadata(metadata, sha256);
  return {
    kind: "valid",
    graph: { ...check.graph, file },
    bytes: file,
    sha256,
    etag,
    ancestors: told?.ancestors ?? [],
    epoch: told?.epoch,
    writeId: told?.writeId ?? "",
    writer: told?.writer,
  };
};

/** The version last seen, if the bucket still has it and we have its bytes: nothing is brought. */
export const knownLarge = async (
  { store, paths, document }: Io,
  large: LargeFiles,
  known: Seen | undefined,
  signal: AbortSignal,
): Promise<RemoteRead | undefined> => {
  if (known === undefined) return undefined;
  const look = await large.look(`${paths.state}/base/${known.sha256}`);
  if (look.kind !== "still" || look.file.sha256 !== known.sha256) return undefined;
  const head = await store.head(document.key, signal);
  return head?.etag === known.etag ? remoteOf(look.file, head) : undefined;
};

/** Brings a large graph into the state folder, where it is named by its digest as a base is: the disk gets a copy of it. */
export const bringLarge = async (
  io: Io,
  large: LargeFiles,
  found: ObjectMeta,
  signal: AbortSignal,
): Promise<RemoteRead | undefined> => {
  let meta: ObjectMeta | undefined = found;
  for (let n = 0; n < TRIES && meta !== undefined; n++) {
    const version = meta;
    const fetch: Parameters<LargeFiles["receive"]>[2] = (target) =>
      io.store.fetch(io.document.key, version, target, signal);
    const file = await large.receive(`${io.paths.state}/base`, version.size, fetch);
    if (file !== "changed") return remoteOf(file, version);
    meta = await io.store.head(io.document.key, signal);
  }
  if (meta === undefined) return undefined;
  throw new KgsyncError("bucket-unavailable", `the graph in ${io.store.name} changed each time it was being read`);
};
