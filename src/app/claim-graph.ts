import { backoffMs } from "../core/backoff.ts";
import { contentTypeOf } from "../core/document.ts";
import { KgsyncError, toKgsyncError } from "../core/errors.ts";
import { decodeMetadata, encodeMetadata, type GraphMetadata } from "../core/metadata.ts";
import type { StoredObject } from "../ports/object-store.ts";
import type { Budget } from "./budget.ts";
import type { Io } from "./io.ts";
import type { StateFolder } from "./state-folder.ts";

/**
 * A new holder writes its epoch into the metadata of the bucket's graph: the same bytes, over just the version seen. From
 * then on a put of any earlier holder conflicts, and that holder reads the later epoch and stops. A write id of its own,
 * because the old one would tell an earlier holder who had lost an answer that this version is its own, with an etag to go
 * on from. Called before both sides are compared. Nothing to claim where there is no graph. Rejects as the store does.
 */
export const claimGraph = async (io: Io, _folder: StateFolder, epoch: number, budget: Budget): Promise<void> => {
  for (let n = 0; !budget.signal.aborted; n++) {
    if (n > 0) await io.clock.sleep(backoffMs(n - 1, io.random.fraction()), budget.signal);
    const object = await budget.attempt((signal) => io.store.get(io.document.key, signal));
    if (object === undefined) return;
    const metadata = metadataOf(io, object);
    const there = metadata.epoch ?? 0;
    if (there === epoch) return; // by us: an epoch has one holder
    if (there > epoch) {
      io.fence?.superseded(there);
      throw new KgsyncError("lease-busy", `the graph in ${io.store.name} has epoch ${there}, our lease ${epoch}`);
    }
    if (await put(io, object, { ...metadata, epoch, writeId: io.random.id() }, budget)) return;
  }
  throw new KgsyncError("bucket-unavailable", `the graph in ${io.store.name} could not be claimed in time`);
};

/** What somebody else wrote without metadata gets its own: it is an ordinary version. */
const metadataOf = (io: Io, { metadata, body }: StoredObject): GraphMetadata => {
  const sha256 = io.sha256(body);
  const none = { sha256, parent: undefined, ancestors: [], writer: io.writer, epoch: undefined, writeId: "" };
  return decodeMetadata(metadata, sha256) ?? none;
};

/** A lost answer is looked at by the next turn: the epoch tells. */
const put = async (io: Io, { body, etag }: StoredObject, metadata: GraphMetadata, budget: Budget): Promise<boolean> => {
  try {
    const options = { contentType: contentTypeOf(io.document.mode), metadata: encodeMetadata(metadata) };
    const answer = await budget.attempt((signal) =>
      io.store.put(io.document.key, body, { mode: "update", etag }, options, signal),
    );
    return answer.outcome === "stored";
  } catch (thrown) {
    const error = toKgsyncError(thrown);
    if (!error.retryable) throw error;
    return false;
  }
};
