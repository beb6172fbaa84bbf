import type { ETag } from "../version.ts";
import type { Lease, ParsedLease } from "./lease.ts";

/** One look at the lease object. `undefined`: there is none. */
export type LeaseLook = { readonly etag: ETag; readonly parsed: ParsedLease } | undefined;

/** A rival, and since when we have seen it without a sign of life: milliseconds on our own monotonic clock. */
export type Watched = { readonly sign: string; readonly since: number };

/** Who looks: its name, the names of its earlier lives, its own time to live. */
export type Onlooker = { readonly me: string; readonly earlier: readonly string[]; readonly ttlMs: number };

/**
 * `free`: may be taken, by a write over just this version. `busy`: look again; `lease` is whose it is, as far as that can
 * be read, `watched` goes into the next judgement.
 */
export type Judgement =
  | { readonly kind: "free"; readonly why: "absent" | "released" | "own" | "dead" }
  | { readonly kind: "busy"; readonly lease: Lease | undefined; readonly watched: Watched };

/**
 * Whether the lease may be taken. No two clocks are compared: a rival is dead only when we saw no new sign of it for a whole
 * time to live of its own, on our clock, from the moment when the answer was here.
 *
 * | the object | judgement |
 * |---|---|
 * | absent | free |
 * | released, asked for by nobody or by us | free |
 * | released, asked for by another | as if that other held it: whoever has given it up must not take it back before the other looks |
 * | of us, or of an earlier life of us | free: we own the folder, so that life is over |
 * | held, by another | busy; free when its sign has stood still for its whole time to live |
 * | damaged | busy; free when it has stood still for ours |
 */
export const judgeLease = (
  look: LeaseLook,
  before: Watched | undefined,
  now: number,
  { me, earlier, ttlMs }: Onlooker,
): Judgement => {
  if (look === undefined) return { kind: "free", why: "absent" };
  const lease = look.parsed.kind === "lease" ? look.parsed.lease : undefined;
  const isOwn = (name: string): boolean => name === me || earlier.includes(name);
  if (lease?.state === "released" && (lease.wanted === undefined || isOwn(lease.wanted.by)))
    return { kind: "free", why: "released" };
  if (lease?.state === "held" && isOwn(lease.holder)) return { kind: "free", why: "own" };
  const sign = lease === undefined ? `etag ${look.etag}` : signOf(lease);
  const watched = before?.sign === sign ? before : { sign, since: now };
  if (now - watched.since >= (lease?.ttlMs ?? ttlMs)) return { kind: "free", why: "dead" };
  return { kind: "busy", lease, watched };
};

/** Of the holder alone: were a wish one too, those who ask again and again would keep a dead holder alive. */
const signOf = ({ holder, epoch, nonce, state }: Lease): string => JSON.stringify([holder, epoch, nonce, state]);
