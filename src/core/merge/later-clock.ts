import { compareInstants } from "../instant.ts";
import type { Path } from "../json/pointer.ts";
import { CLOCK_NAMES } from "../profiles/merge-defaults.ts";
import { compareSemver } from "../semver.ts";
import type { Rank, Triple } from "./merge-types.ts";

/**
 * Values that only ever grow have no conflict: of two texts under a key named like a clock the later instant, of two root
 * versions the greater. `undefined`: the place is none of these. Both sides have changed it, or it would not be asked.
 */
export const laterClock = (at: Path, { winner, loser }: Triple): Rank | undefined => {
  if (at === undefined || winner?.kind !== "string" || loser?.kind !== "string") return undefined;
  if (isClockName(at.token)) {
    const order = compareInstants(winner.value, loser.value);
    if (order !== undefined) return order >= 0 ? "winner" : "loser";
  }
  if (at.parent !== undefined || at.token !== "version") return undefined;
  const order = compareSemver(winner.value, loser.value);
  if (order === undefined || order === 0) return undefined; // 1.0.0+a and 1.0.0+b: neither is greater
  return order > 0 ? "winner" : "loser";
};

const isClockName = (key: string): boolean => CLOCK_NAMES.has(key.toLowerCase().replaceAll(/[_-]/g, ""));
