import type { LeaseLook } from "./judge-lease.ts";
import type { Lease } from "./lease.ts";

/**
 * The epoch of a new acquisition: above all that are known. The graph's counts too, because the object may have been
 * removed or damaged, and an epoch that begins again would be older than what its own holder wrote.
 */
export const nextEpoch = (look: LeaseLook, ...known: readonly (number | undefined)[]): number => {
  const seen = look?.parsed.kind === "lease" ? look.parsed.lease.epoch : 0;
  return Math.max(seen, ...known.map((epoch) => epoch ?? 0)) + 1;
};

/** Ours, from now on. */
export const acquired = (holder: string, epoch: number, nonce: string, ttlMs: number): Lease => ({
  holder,
  epoch,
  nonce,
  ttlMs,
  state: "held",
  wanted: undefined,
});

/** The next one who may take it is named by the wish, if there is one. */
export const released = (lease: Lease, nonce: string): Lease => ({ ...lease, nonce, state: "released" });

/** A wish of somebody who stands by, beside the holder's own words. */
export const wanted = (lease: Lease, by: string, nonce: string): Lease => ({ ...lease, wanted: { by, nonce } });
