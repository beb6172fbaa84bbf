import type { Digest } from "./version.ts";

/** The largest graph seen lately, against which a new one is measured. `at`: Unix milliseconds. */
export type Largest = { readonly leaves: number; readonly sha256: Digest; readonly at: number };

/**
 * The bucket is not touched until a person allows one digest. A latch, because a wiped app adds its services again, lands
 * under the limit, and would then replace the good graph.
 */
export type Latch = { readonly from: Digest; readonly leaves: number; readonly at: number };

/** `alarm`: upload, but keep the good version first. `latch`: do not upload. */
export type GuardVerdict = "pass" | "alarm" | "latch";

const WINDOW_MS = 24 * 60 * 60 * 1000;
/** Small graphs halve in ordinary work. */
const MIN_LEAVES = 20;

/**
 * | leaves, against the largest of 24 h | verdict |
 * |---|---|
 * | largest ≤ 20 | pass |
 * | 0, or ≤ 10 % | latch |
 * | ≤ 50 % | alarm |
 * | more | pass |
 *
 * Ordinary changes remove at most 29 % of the facts; the app's own accidents removed 88 % and more.
 */
export const judgeShrink = (leaves: number, largest: Largest | undefined): GuardVerdict => {
  if (largest === undefined || largest.leaves <= MIN_LEAVES) return "pass";
  if (leaves <= largest.leaves * 0.1) return "latch";
  return leaves <= largest.leaves * 0.5 ? "alarm" : "pass";
};

/** The window's largest after one more version was seen. Old ones fall out, the newest always counts. */
export const updateLargest = (largest: Largest | undefined, seen: Largest): Largest =>
  largest === undefined || seen.leaves >= largest.leaves || seen.at - largest.at > WINDOW_MS ? seen : largest;
