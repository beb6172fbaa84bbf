import { KgsyncError } from "../core/errors.ts";
import { etag } from "../core/version.ts";
import type { PutMode, PutOutcome } from "../ports/object-store.ts";
import type { Budget } from "./budget.ts";
import type { Io } from "./io.ts";
import { PROBE_KEY } from "./keys.ts";

/** `inconclusive`: an answer was lost or somebody else probed meanwhile; nothing speaks against the store. */
export type ProbeResult = "honoured" | "inconclusive" | { readonly fault: string };

/** Never the ETag of anything: 32 hexadecimal digits, as an MD5 would be. */
const STALE = etag('"00000000000000000000000000000bad"');
const TRIES = 3;

/**
 * Tries in the real prefix whether the store honours conditions: some accept `If-None-Match` and `If-Match` and ignore
 * them, and a setting such as versioning can flip it. One fixed key, overwritten and never deleted. 3 to 5 requests.
 */
export const probeStore = async (io: Io, budget: Budget): Promise<ProbeResult> => {
  const first = await put(io, { mode: "create" }, budget);
  if (first.outcome === "unknown") return "inconclusive";
  if (first.outcome === "stored") {
    const again = await put(io, { mode: "create" }, budget);
    if (again.outcome === "stored") return { fault: "it ignored `If-None-Match: *` on an object that exists" };
    if (again.outcome === "unknown") return "inconclusive";
  }
  const stale = await put(io, { mode: "update", etag: STALE }, budget);
  if (stale.outcome === "stored") return { fault: "it ignored `If-Match` with another object's ETag" };
  if (stale.outcome === "unknown") return "inconclusive";
  return probeUpdate(io, budget);
};

/** A true update must go through; another prober may be in between, so more than one try. */
const probeUpdate = async (io: Io, budget: Budget): Promise<ProbeResult> => {
  for (let n = 0; n < TRIES; n++) {
    const head = await budget.attempt((signal) => io.store.head(PROBE_KEY, signal));
    if (head === undefined) return "inconclusive";
    const update = await put(io, { mode: "update", etag: head.etag }, budget);
    if (update.outcome === "stored") return "honoured";
    if (update.outcome === "unknown") return "inconclusive";
  }
  return { fault: "it refused every update, also with the current ETag in `If-Match`" };
};

const put = async (io: Io, mode: PutMode, budget: Budget): Promise<PutOutcome> => {
  try {
    const body = new TextEncoder().encode(`${io.writer} ${io.random.id()}\n`);
    const options = { contentType: "text/plain", metadata: {} };
    return await budget.attempt((signal) => io.store.put(PROBE_KEY, body, mode, options, signal));
  } catch (thrown) {
    if (thrown instanceof KgsyncError && thrown.retryable) return { outcome: "unknown", cause: thrown };
    throw thrown;
  }
};
