import { KgsyncError } from "../core/errors.ts";
import type { Key } from "../core/key.ts";
import { type ETag, etag } from "../core/version.ts";
import type { PutMode, PutOutcome } from "../ports/object-store.ts";
import type { Budget } from "./budget.ts";
import type { Io } from "./io.ts";
import { PROBE_KEY } from "./keys.ts";

/**
 * `inconclusive`: an answer was lost, or the probe's object went away; nothing speaks against the store.
 * `creates`: at least the condition of a create was honoured.
 */
export type ProbeResult = "honoured" | "inconclusive" | { readonly fault: string; readonly creates: boolean };

/** What to do about a store that honours creates and not updates. */
export const CREATE_ONLY_HINT =
  "It honours `If-None-Match`: with KGSYNC_S3_CONDITIONS=create-only it is safe (docs/s3-compatible.md).";

export type ProbeIo = Pick<Io, "store" | "writer" | "random">;
type Probing = ProbeIo & { readonly probeKey: Key };
/** `text` is of one put only: it tells who wrote last, whatever a server does with ETags. */
type Seen = { readonly etag: ETag; readonly text: string };

/** Never the ETag of anything: 32 hexadecimal digits, as an MD5 would be. */
const STALE = etag('"00000000000000000000000000000bad"');
/** How often the same answer must come before it is held against the store. */
const TRIES = 3;
/** How many races are lost, at most, before the winners count for us. */
const RACES = 8;

/**
 * Tries in the real prefix whether the store honours conditions: some accept `If-None-Match` and `If-Match` and ignore
 * them, and a setting such as versioning can flip it. One fixed key, overwritten and never deleted. 4 requests. The true
 * update goes before the stale one: by then it is known how this server wants ETags written, and the stale one is refused for
 * being stale. Others may probe the same key meanwhile: what they do is told from what the store does.
 *
 * | step                  | stored                            | conflict                                       |
 * |-----------------------|-----------------------------------|------------------------------------------------|
 * | create                | go on                             | go on: it exists                               |
 * | create, once it is    | ignores `If-None-Match` (3 times) | go on                                          |
 * | update, current ETag  | go on                             | the object is the same: refuses it (3 times)   |
 * |                       |                                   | somebody wrote it: a lost race, again          |
 * |                       |                                   | it is gone: inconclusive                       |
 * | update, another ETag  | ignores `If-Match`                | honoured                                       |
 *
 * An answer that is lost makes any of them inconclusive. Races that are lost again and again prove both halves: our update was
 * refused once it was stale, and the one of whoever won went through.
 */
export const probeStore = async (at: ProbeIo, budget: Budget, probeKey: Key = PROBE_KEY): Promise<ProbeResult> => {
  const io = { ...at, probeKey };
  const first = await put(io, { mode: "create" }, budget);
  if (first.outcome === "unknown") return "inconclusive";
  const created = first.outcome === "stored" ? await createAgain(io, budget) : "honoured";
  if (created !== "honoured") return created;
  const known = first.outcome === "stored" ? { etag: first.etag, text: first.text } : undefined;
  try {
    return await probeUpdates(io, known, budget);
  } catch (thrown) {
    // It does not refuse all conditions: the create's came through.
    if (thrown instanceof KgsyncError && thrown.code === "store-unsafe")
      return { fault: thrown.message, creates: true };
    throw thrown;
  }
};

const probeUpdates = async (io: Probing, known: Seen | undefined, budget: Budget): Promise<ProbeResult> => {
  const updated = await probeUpdate(io, known, budget);
  if (updated !== "honoured") return updated;
  const stale = await put(io, { mode: "update", etag: STALE }, budget);
  if (stale.outcome === "stored") return { fault: "it ignored `If-Match` with another object's ETag", creates: true };
  return stale.outcome === "unknown" ? "inconclusive" : "honoured";
};

/** The doctor removes its own: a second doctor may find the place free once more. */
const createAgain = async (io: Probing, budget: Budget): Promise<ProbeResult> => {
  for (let n = 0; n < TRIES; n++) {
    const again = await put(io, { mode: "create" }, budget);
    if (again.outcome !== "stored") return again.outcome === "conflict" ? "honoured" : "inconclusive";
  }
  return { fault: "it ignored `If-None-Match: *` on an object that exists", creates: false };
};

/** A true update must go through, unless somebody else's came first. */
const probeUpdate = async (io: Probing, known: Seen | undefined, budget: Budget): Promise<ProbeResult> => {
  let current = known ?? (await look(io, budget));
  let refused = 0;
  for (let lost = 0; lost < RACES && refused < TRIES; ) {
    if (current === undefined) return "inconclusive";
    const update = await put(io, { mode: "update", etag: current.etag }, budget);
    if (update.outcome !== "conflict") return update.outcome === "stored" ? "honoured" : "inconclusive";
    const now = await look(io, budget);
    if (now?.text === current.text) refused += 1;
    else lost += 1;
    current = now;
  }
  const fault = "it refused every update, also with the current ETag in `If-Match`";
  return refused < TRIES ? "honoured" : { fault, creates: true };
};

const look = async (io: Probing, budget: Budget): Promise<Seen | undefined> => {
  const found = await budget.attempt((signal) => io.store.get(io.probeKey, signal));
  return found === undefined ? undefined : { etag: found.etag, text: new TextDecoder().decode(found.body) };
};

const put = async (io: Probing, mode: PutMode, budget: Budget): Promise<PutOutcome & { readonly text: string }> => {
  const text = `${io.writer} ${io.random.id()}\n`;
  try {
    const body = new TextEncoder().encode(text);
    const options = { contentType: "text/plain", metadata: {} };
    return { ...(await budget.attempt((signal) => io.store.put(io.probeKey, body, mode, options, signal))), text };
  } catch (thrown) {
    if (thrown instanceof KgsyncError && thrown.retryable) return { outcome: "unknown", cause: thrown, text };
    throw thrown;
  }
};
