import { KgsyncError, toKgsyncError } from "../core/errors.ts";
import { key } from "../core/key.ts";
import type { LeaseLook } from "../core/lease/judge-lease.ts";
import { formatLease, type Lease, parseLease } from "../core/lease/lease.ts";
import type { ETag } from "../core/version.ts";
import type { Io } from "./io.ts";

export const LEASE_KEY = key(".kgsync/lease.json");

/** What the lease needs of the ports: its requests go beside all others. `document`: the graph, whose epoch counts. */
export type LeaseIo = Pick<Io, "store" | "document" | "clock" | "log" | "metrics" | "random" | "writer">;

/** `lost`: it may have arrived, or arrive later. The next look tells: our own write is known by its nonce. */
export type LeaseWritten =
  | { readonly kind: "stored"; readonly etag: ETag }
  | { readonly kind: "conflict" }
  | { readonly kind: "lost"; readonly error: KgsyncError };

/** Rejects as the store does. */
export const readLease = async ({ store }: LeaseIo, signal: AbortSignal): Promise<LeaseLook> => {
  const object = await store.get(LEASE_KEY, signal);
  return object === undefined
    ? undefined
    : { etag: object.etag, parsed: parseLease(new TextDecoder().decode(object.body)) };
};

/** One conditional put over the version that was seen. Rejects only with what trying again cannot mend. */
export const writeLease = async (
  { store }: LeaseIo,
  lease: Lease,
  over: ETag | undefined,
  signal: AbortSignal,
): Promise<LeaseWritten> => {
  const mode = over === undefined ? ({ mode: "create" } as const) : ({ mode: "update", etag: over } as const);
  const options = { contentType: "application/json", metadata: { "kgsync-epoch": String(lease.epoch) } };
  try {
    const put = await store.put(LEASE_KEY, new TextEncoder().encode(formatLease(lease)), mode, options, signal);
    if (put.outcome !== "unknown")
      return put.outcome === "stored" ? { kind: "stored", etag: put.etag } : { kind: "conflict" };
    return {
      kind: "lost",
      error: new KgsyncError("bucket-unavailable", `the answer of ${store.name} to a put was lost`),
    };
  } catch (thrown) {
    const error = toKgsyncError(thrown);
    if (!error.retryable) throw error;
    return { kind: "lost", error };
  }
};
