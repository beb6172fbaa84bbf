import { decodeMetadata } from "../core/metadata.ts";
import type { Digest, ETag } from "../core/version.ts";
import type { Content, SeenGraph } from "./content.ts";
import type { Io } from "./io.ts";
import { bringLarge, knownLarge } from "./read-large-remote.ts";

/** The bucket's graph, with its digest taken from the bytes that came, never from what the metadata says. */
export type RemoteRead =
  | { readonly kind: "absent" }
  | {
      readonly kind: "invalid";
      readonly why: string;
      readonly bytes: Content;
      readonly sha256: Digest;
      readonly etag: ETag;
    }
  | ValidRemote;

export type ValidRemote = {
  readonly kind: "valid";
  readonly graph: SeenGraph;
  readonly bytes: Content;
  readonly sha256: Digest;
  readonly etag: ETag;
  readonly ancestors: readonly string[];
  readonly epoch: number | undefined;
  readonly writeId: string;
  readonly writer?: string | undefined;
};

/** A version of the bucket's graph that was seen before, whose bytes may be at hand. */
export type Seen = { readonly etag: ETag; readonly sha256: Digest };

/**
 * Rejects as the store does: an absent graph is told apart from one that cannot be read. `known`: the version last seen; a large
 * one is not brought again. `whole`: what a large one may take, where `signal` is one request's limit.
 */
export const readRemote = async (
  io: Io,
  signal: AbortSignal,
  known?: Seen,
  whole: AbortSignal = signal,
): Promise<RemoteRead> => {
  const { store, inspect, large, sha256, document } = io;
  const still = large === undefined ? undefined : await knownLarge(io, large, known, signal);
  if (still !== undefined) return still;
  const object = await (large === undefined
    ? store.get(document.key, signal)
    : store.peek(document.key, large.above, signal));
  if (object === undefined) return { kind: "absent" };
  if (object.body === undefined) return (large && (await bringLarge(io, large, object, whole))) ?? { kind: "absent" };
  const digest = sha256(object.body);
  const check = await inspect(object.body);
  if (check.kind !== "valid")
    return { kind: "invalid", why: check.why, bytes: object.body, sha256: digest, etag: object.etag };
  const metadata = decodeMetadata(object.metadata, digest);
  return {
    kind: "valid",
    graph: check.graph,
    bytes: object.body,
    sha256: digest,
    etag: object.etag,
    ancestors: metadata?.ancestors ?? [],
    epoch: metadata?.epoch,
    writeId: metadata?.writeId ?? "",
    writer: metadata?.writer,
  };
};
