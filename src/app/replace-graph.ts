import { contentTypeOf } from "../core/document.ts";
import { KgsyncError } from "../core/errors.ts";
import { ancestorsAfter, decodeMetadata, encodeMetadata } from "../core/metadata.ts";
import type { Digest } from "../core/version.ts";
import type { StoredObject } from "../ports/object-store.ts";
import type { Budget } from "./budget.ts";
import type { Io } from "./io.ts";
import { keptMetadata } from "./keep-version.ts";
import { versionKey } from "./keys.ts";
import { putOnce } from "./put-once.ts";

/** What a person has chosen to be the graph from now on, and what was there when it was chosen. */
export type Replacement = {
  readonly bytes: Uint8Array;
  readonly sha256: Digest;
  readonly current: StoredObject | undefined;
  /** The store was seen to honour conditions: otherwise it is looked at before the put. */
  readonly proven: boolean;
};

/**
 * Puts the chosen graph over just the version that was looked at. That one is kept first, and unlike in a push nothing is
 * replaced that could not be kept. Answers the key of the kept version. Rejects with `not-durable` when somebody wrote in between.
 */
export const replaceGraph = async (io: Io, replacement: Replacement, budget: Budget): Promise<string | undefined> => {
  const { bytes, sha256, current, proven } = replacement;
  const replaced = current && { body: current.body, sha256: io.sha256(current.body) };
  const before = current && replaced && decodeMetadata(current.metadata, replaced.sha256);
  const kept = replaced && (await keep(io, replaced, before?.writer, budget));
  const writeId = io.random.id();
  const metadata = encodeMetadata({
    sha256,
    parent: replaced?.sha256,
    ancestors: ancestorsAfter(replaced && { sha256: replaced.sha256, ancestors: before?.ancestors ?? [] }, []),
    writer: io.writer,
    epoch: before?.epoch,
    writeId,
  });
  const mode =
    current === undefined ? ({ mode: "create" } as const) : ({ mode: "update", etag: current.etag } as const);
  if (!proven) {
    const head = await budget.attempt((signal) => io.store.head(io.document.key, signal));
    if (head?.etag !== current?.etag) throw moved(io);
  }
  const put = await putOnce(io, { key: io.document.key, body: bytes, mode, metadata, writeId }, budget);
  if (put.kind === "unknown") throw put.error;
  if (put.kind !== "stored") throw moved(io);
  return kept;
};

const moved = ({ store }: Io): KgsyncError =>
  new KgsyncError(
    "not-durable",
    `somebody else wrote the graph in ${store.name} meanwhile; what they wrote was left as it is`,
    {
      hint: "Run the command again: it shows what is different now.",
    },
  );

const keep = async (
  io: Io,
  { body, sha256 }: { readonly body: Uint8Array; readonly sha256: Digest },
  writer: string | undefined,
  budget: Budget,
): Promise<string> => {
  const key = versionKey(io.document, sha256);
  const options = { contentType: contentTypeOf(io.document.mode), metadata: keptMetadata(sha256, writer) };
  const put = await budget.attempt((signal) => io.store.put(key, body, { mode: "overwrite" }, options, signal));
  // Over one of the same content, which may be the oldest, and the next to be pruned. After a lost answer a look tells.
  const lost =
    put.outcome === "unknown" && (await budget.attempt((signal) => io.store.head(key, signal))) === undefined;
  if (!lost) return key;
  throw new KgsyncError("bucket-unavailable", `the present graph could not be kept as ${key}, so it was not replaced`);
};
