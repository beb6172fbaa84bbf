import type { Graph } from "../core/graph.ts";
import { decodeMetadata } from "../core/metadata.ts";
import type { Digest, ETag } from "../core/version.ts";
import type { Io } from "./io.ts";

/** The bucket's graph, with its digest taken from the bytes that came, never from what the metadata says. */
export type RemoteRead =
  | { readonly kind: "absent" }
  | {
      readonly kind: "invalid";
      readonly why: string;
      readonly bytes: Uint8Array;
      readonly sha256: Digest;
      readonly etag: ETag;
    }
  | ValidRemote;

export type ValidRemote = {
  readonly kind: "valid";
  readonly graph: Graph;
  readonly bytes: Uint8Array;
  readonly sha256: Digest;
  readonly etag: ETag;
  readonly ancestors: readonly string[];
  readonly epoch: number | undefined;
  readonly writeId: string;
  readonly writer?: string | undefined;
};

/** Rejects as the store does: an absent graph is told apart from one that cannot be read. */
export const readRemote = async (
  { store, inspect, sha256, document }: Io,
  signal: AbortSignal,
): Promise<RemoteRead> => {
  const object = await store.get(document.key, signal);
  if (object === undefined) return { kind: "absent" };
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
