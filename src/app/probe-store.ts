import { KgsyncError } from "../core/errors.ts";
import type { Key } from "../core/key.ts";
import { type ETag, etag } from "../core/version.ts";
import type { PutMode, PutOutcome } from "../ports/object-store.ts";
import type { Budget } from "./budget.ts";
import type { Io } from "./io.ts";
import { PROBE_KEY } from "./keys.ts";

/**
 * `inconclusive`: an answer was lost or somebody else probed meanwhile; nothing speaks against the store.
 * `creates`: at least the condition of a create was honoured.
 */
export type ProbeResult = "honoured" | "inconclusive" | { readonly fault: string; readonly creates: boolean };

/** What to do about a store that honours creates and not updates. */
export const CREATE_ONLY_HINT =
  "It honours `If-None-Match`: with KGSYNC_S3_CONDITIONS=create-only it is safe (docs/s3-compatible.md).";

export type ProbeIo = Pick<Io, "store" | "writer" | "random">;
type Probing = ProbeIo & { readonly probeKey: Key };

/** Never the ETag of anything: 32 hexadecimal digits, as an MD5 would be. */
const STALE = etag('"00000000000000000000000000000bad"');
const TRIES = 3;

/**
 * Tries in the real prefix whether the store honours conditions: some accept `If-None-Match` and `If-Match` and ignore
 * them, and a setting such as versioning can flip it. One fixed key, overwritten and never deleted. 4 requests. The true
 * update goes before the stale one: by then it is known how this server wants ETags written, and the stale one is refused for
 * being stale.
 */
export const probeStore = async (at: ProbeIo, budget: Budget, probeKey: Key = PROBE_KEY): Promise<ProbeResult> => {
  const io = { ...at, probeKey };
  const first = await put(io, { mode: "create" }, budget);
  if (first.outcome === "unknown") return "inconclusive";
  if (first.outcome === "stored") {
    const again = await put(io, { mode: "create" }, budget);
    if (again.outcome === "stored")
      return { fault: "it ignored `If-None-Match: *` on an object that exists", creates: false };
    if (again.outcome === "unknown") return "inconclusive";
  }
  try {
    return await probeUpdates(io, first.outcome === "stored" ? first.etag : undefined, budget);
  } catch (thrown) {
    // It does not refuse all conditions: the create's came through.
    if (thrown instanceof KgsyncError && thrown.code === "store-unsafe")
      return { fault: thrown.message, creates: true };
    throw thrown;
  }
};

const probeUpdates = async (io: Probing, known: ETag | undefined, budget: Budget): Promise<ProbeResult> => {
  const updated = await probeUpdate(io, known, budget);
  if (updated !== "honoured") return updated;
  const stale = await put(io, { mode: "update", etag: STALE }, budget);
  if (stale.outcome === "stored") return { fault: "it ignored `If-Match` with another object's ETag", creates: true };
  return stale.outcome === "unknown" ? "inconclusive" : "honoured";
};

/** A true update must go through; another prober may be in between, so more than one try. */
const probeUpdate = async (io: Probing, known: ETag | undefined, budget: Budget): Promise<ProbeResult> => {
  let current = known;
  for (let n = 0; n < TRIES; n++) {
    current ??= (await budget.attempt((signal) => io.store.head(io.probeKey, signal)))?.etag;
    if (current === undefined) return "inconclusive";
    const update = await put(io, { mode: "update", etag: current }, budget);
    current = undefined;
    if (update.outcome === "stored") return "honoured";
    if (update.outcome === "unknown") return "inconclusive";
  }
  return { fault: "it refused every update, also with the current ETag in `If-Match`", creates: true };
};

const put = async (io: Probing, mode: PutMode, budget: Budget): Promise<PutOutcome> => {
  try {
    const body = new TextEncoder().encode(`${io.writer} ${io.random.id()}\n`);
    const options = { contentType: "text/plain", metadata: {} };
    return await budget.attempt((signal) => io.store.put(io.probeKey, body, mode, options, signal));
  } catch (thrown) {
    if (thrown instanceof KgsyncError && thrown.retryable) return { outcome: "unknown", cause: thrown };
    throw thrown;
  }
};
