import { toKgsyncError } from "../core/errors.ts";
import { judgeLease, type LeaseLook, type Watched } from "../core/lease/judge-lease.ts";
import type { Lease } from "../core/lease/lease.ts";
import { acquired, nextEpoch, wanted } from "../core/lease/next-lease.ts";
import { lookEvery } from "../core/lease/term.ts";
import { decodeMetadata } from "../core/metadata.ts";
import type { ETag } from "../core/version.ts";
import { type LeaseIo, readLease, writeLease } from "./lease-object.ts";

export type Taking = {
  readonly ttlMs: number;
  /** Stand by while another holds it. */
  readonly wait: boolean;
  /** Whoever is ready only when it serves asks the holder for the lease: that one would never be stopped otherwise. */
  readonly ask: boolean;
  /** Names under which earlier lives of us may hold it. */
  readonly earlier: readonly string[];
  /** Called before the first write that makes it ours. */
  readonly beforeWrite: () => Promise<void>;
  /** How long the bucket may be out of reach. */
  readonly patienceMs: number;
};

/** A lease that is ours. `sentAt`: when its last write that got through was sent, on our monotonic clock. */
export type TakenLease = { readonly lease: Lease; readonly etag: ETag | undefined; readonly sentAt: number };

/** `busy`: another lives, or may (a start takes no longer), and we do not stand by. `epoch`: 0 where the object cannot be read. */
export type Taken =
  | { readonly kind: "held"; readonly held: TakenLease }
  | { readonly kind: "busy"; readonly holder: string; readonly epoch: number };

/**
 * Looks until the lease is ours, or answers who has it. `undefined` when `signal` aborted. Rejects with what the bucket
 * refuses, and with `bucket-unavailable` when it was out of reach for too long.
 */
export const takeLease = async (io: LeaseIo, taking: Taking, signal: AbortSignal): Promise<Taken | undefined> => {
  const { clock } = io;
  const look = createLook(io, taking, signal);
  let failingSince: number | undefined;
  while (!signal.aborted) {
    try {
      const taken = await look();
      if (taken !== undefined) return taken;
      failingSince = undefined;
    } catch (thrown) {
      if (signal.aborted) return undefined;
      const error = toKgsyncError(thrown);
      failingSince ??= clock.now().mono;
      const isOutage = error.code === "bucket-unavailable" && clock.now().mono - failingSince < taking.patienceMs;
      if (!isOutage) throw error;
    }
    await clock.sleep(lookEvery(taking.ttlMs) * (0.75 + 0.5 * io.random.fraction()), signal);
  }
  return undefined;
};

/** One look, and what follows from it; `undefined`: look again. */
const createLook = (io: LeaseIo, taking: Taking, signal: AbortSignal): (() => Promise<Taken | undefined>) => {
  const { clock, writer: me } = io;
  const sent = new Map<string, number>();
  let watched: Watched | undefined;
  let told: string | undefined;
  const isEnough = createPatience(io, taking);
  const wish = createWish(io, taking, signal);
  return async () => {
    const look = await within(io, taking, signal, (limit) => readLease(io, limit));
    const own = ownWrite(look, me, sent);
    if (own !== undefined) return { kind: "held", held: own };
    const judged = judgeLease(look, watched, clock.now().mono, { me, ...taking });
    if (judged.kind === "free") {
      const held = await acquire(io, look, taking, sent, signal);
      return held === undefined ? undefined : { kind: "held", held };
    }
    const lives = watched !== undefined && judged.watched !== watched;
    watched = judged.watched;
    const holder = judged.lease?.holder ?? "somebody who left a lease that cannot be read";
    const epoch = judged.lease?.epoch ?? 0;
    if (isEnough(lives)) return { kind: "busy", holder, epoch };
    if (!taking.wait) return undefined;
    if (told !== holder) tellWaiting(io, holder, epoch);
    told = holder;
    if (taking.ask) await wish(look);
    return undefined;
  };
};

const tellWaiting = ({ log, metrics }: LeaseIo, holder: string, epoch: number): void => {
  log.warn("lease.waiting", "another copy holds the lease; standing by", { holder, epoch });
  metrics?.note({ type: "lease-waiting", holder });
};

/**
 * Who does not stand by still waits for a sign of the holder's life, or for its death: one who answered at first sight, life
 * after life, would never see that a holder is dead, and stay without the lease for ever. No longer than a start may take.
 */
const createPatience = ({ clock }: LeaseIo, { wait, patienceMs }: Taking): ((lives: boolean) => boolean) => {
  const begun = clock.now().mono;
  return (lives) => !wait && (lives || clock.now().mono - begun >= patienceMs);
};

const within = async <T>(
  { clock }: LeaseIo,
  { ttlMs }: Taking,
  parent: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> => {
  const { signal, cancel } = clock.timeout(ttlMs / 3, parent);
  try {
    return await work(signal);
  } finally {
    cancel();
  }
};

/** A write of ours whose answer was lost has arrived after all. */
const ownWrite = (look: LeaseLook, me: string, sent: ReadonlyMap<string, number>): TakenLease | undefined => {
  if (look?.parsed.kind !== "lease") return undefined;
  const { lease } = look.parsed;
  const sentAt = sent.get(lease.nonce);
  return lease.holder !== me || lease.state !== "held" || sentAt === undefined
    ? undefined
    : { lease, etag: look.etag, sentAt };
};

const acquire = async (
  io: LeaseIo,
  look: LeaseLook,
  taking: Taking,
  sent: Map<string, number>,
  signal: AbortSignal,
): Promise<TakenLease | undefined> => {
  const graph = await within(io, taking, signal, (limit) => io.store.head(io.document.key, limit));
  const epoch = nextEpoch(look, decodeMetadata(graph?.metadata ?? {}, undefined)?.epoch);
  await taking.beforeWrite();
  const lease = acquired(io.writer, epoch, io.random.id(), taking.ttlMs);
  const sentAt = io.clock.now().mono;
  sent.set(lease.nonce, sentAt);
  const written = await within(io, taking, signal, (limit) => writeLease(io, lease, look?.etag, limit));
  if (written.kind === "lost") throw written.error;
  return written.kind === "stored" ? { lease, etag: written.etag, sentAt } : undefined;
};

/**
 * Asks the holder for the lease: its next renewal conflicts with the wish, so that it reads it. One wish is enough, whoever's
 * it is; it is made anew as a sign that somebody still waits, or when the one who made it has gone.
 */
const createWish = (io: LeaseIo, taking: Taking, signal: AbortSignal): ((look: LeaseLook) => Promise<void>) => {
  const { clock, log, random, writer: me } = io;
  let seen: { readonly nonce: string; readonly since: number } | undefined;
  return async (look) => {
    if (look?.parsed.kind !== "lease" || look.parsed.lease.state !== "held") return;
    const { lease } = look.parsed;
    if (lease.wanted !== undefined) {
      const { nonce, by } = lease.wanted;
      if (seen?.nonce !== nonce) seen = { nonce, since: clock.now().mono };
      if (clock.now().mono - seen.since < (by === me ? lease.ttlMs / 3 : lease.ttlMs)) return;
    }
    const asked = wanted(lease, me, random.id());
    const written = await within(io, taking, signal, (limit) => writeLease(io, asked, look.etag, limit));
    if (written.kind === "stored" && lease.wanted?.by !== me)
      log.info("lease.asked", "the holder of the lease was asked to hand it over", { holder: lease.holder });
  };
};
