import type { Fence, Io } from "./io.ts";
import { earlierNames, rememberName } from "./lease-names.ts";
import { renewLease } from "./renew-lease.ts";
import { takeLease } from "./take-lease.ts";

/** The lease while it is ours: renewed on a lane of its own until one of the two below, or until it is lost. */
export type HeldLease = {
  readonly fence: Fence;
  /** Gives it up by a put, so that the next one need not wait. Tries until `signal` aborts, and rejects then, or with what the bucket refuses. */
  readonly release: (signal: AbortSignal) => Promise<void>;
  /** Renews it no more, without a word: whoever waits finds it silent. May be called at any time. */
  readonly abandon: () => void;
};

export type LeaseEvents = {
  /** It is not ours any more, for sure or perhaps. Called at most once, and not after `release` or `abandon`. */
  readonly fenced: (why: string) => void;
  /** Somebody asks for it, and we have had it for its whole time to live. Called again in each, while it is so. */
  readonly wanted: (by: string) => void;
};

export type LeaseAttempt =
  | { readonly kind: "held"; readonly lease: HeldLease }
  /** `epoch`: 0 where the object cannot be read. */
  | { readonly kind: "busy"; readonly holder: string; readonly epoch: number };

export type AcquireOptions = {
  /** Stands by until it is ours; otherwise one that another holds is an answer. */
  readonly wait: boolean;
  /** The holder is asked to hand it over. */
  readonly ask: boolean;
};

export type KeepLease = {
  /**
   * `undefined` when `signal` aborted first. Rejects with what the bucket refuses, and with `bucket-unavailable` when it was
   * out of reach for as long as a start may take: who cannot ask does not hold.
   */
  readonly acquire: (
    options: AcquireOptions,
    events: LeaseEvents,
    signal: AbortSignal,
  ) => Promise<LeaseAttempt | undefined>;
};

/** The lease in the bucket. The owner lock must be ours: what earlier lives of this folder held is then free. */
export const createKeepLease = (io: Io, { ttlMs }: { readonly ttlMs: number }): KeepLease => ({
  acquire: async ({ wait, ask }, events, signal) => {
    const earlier = await earlierNames(io);
    const taking = { ttlMs, wait, ask, earlier, patienceMs: io.rules.startTimeout };
    const taken = await takeLease(io, { ...taking, beforeWrite: () => rememberName(io, earlier) }, signal);
    if (taken?.kind !== "held") return taken;
    const lease = renewLease(io, taken.held, events);
    if (signal.aborted) return giveBack(io, lease);
    const { holder, epoch } = taken.held.lease;
    io.metrics?.note({ type: "lease-held", epoch });
    io.log.info("lease.held", "the lease is ours", { holder, epoch, ttlMs });
    return { kind: "held", lease };
  },
});

/** Nobody wants it any more, and whoever waits need not wait for the whole time to live. */
const giveBack = async ({ clock }: Io, lease: HeldLease): Promise<undefined> => {
  const { signal, cancel } = clock.timeout(GIVE_BACK_MS);
  await lease.release(signal).catch(() => undefined); // it runs out by itself
  cancel();
};

const GIVE_BACK_MS = 2000;
