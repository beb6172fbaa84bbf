/** The value in the middle, or between the two in the middle; NaN of none. */
export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  const [low = Number.NaN, high = Number.NaN] = [sorted[sorted.length % 2 === 0 ? half - 1 : half], sorted[half]];
  return (low + high) / 2;
};

/** The smallest value that `percent` of all are not above (nearest rank); NaN of none. */
export const percentile = (values: readonly number[], percent: number): number =>
  [...values].sort((a, b) => a - b)[Math.max(0, Math.ceil((values.length * percent) / 100) - 1)] ?? Number.NaN;

/**
 * The median of `ours` by `theirs`, round by round: what slows the machine for a while slows both sides of a ratio alike, so
 * it says more than the ratio of two medians.
 */
export const medianRatio = (ours: readonly number[], theirs: readonly number[]): number =>
  median(ours.map((value, round) => value / (theirs[round] ?? Number.NaN)));

/** All peers, each round beginning with another: none always has the same one's dirty pages to wait for. */
export const inTurn = <Peer>(peers: readonly Peer[], round: number): readonly Peer[] => {
  const first = peers.length === 0 ? 0 : round % peers.length;
  return [...peers.slice(first), ...peers.slice(0, first)];
};
