/** Names in the order of each document; none of them twice in one list. */
export type Orders = {
  readonly base: readonly string[];
  readonly winner: readonly string[];
  readonly loser: readonly string[];
};

export type Ordered = {
  readonly names: readonly string[];
  /** Both sides order what they have in common, and neither order is that of base. */
  readonly contested: boolean;
  /** Whose order was kept. */
  readonly spine: "winner" | "loser";
};

/**
 * The order of what is left of two lists of names: sorted lists stay sorted (`sortable`), else the side that moved something
 * lends its order, else the winner; what only the other side has follows its predecessor there. `tie`: two orders that
 * contradict each other are decided by the larger one, not by who the winner is.
 */
export const orderNames = (
  all: Orders,
  present: ReadonlySet<string>,
  { sortable, tie }: { readonly sortable: boolean; readonly tie: boolean },
): Ordered => {
  // what is gone is no evidence: the result does not show it any more, and is to be ordered the same when merged again
  const left = (names: readonly string[]): readonly string[] => names.filter((name) => present.has(name));
  const orders = { base: left(all.base), winner: left(all.winner), loser: left(all.loser) };
  const { base, winner, loser } = orders;
  const [winnerMoved, loserMoved] = [isReordered(base, winner), isReordered(base, loser)];
  const contested = winnerMoved === loserMoved && isReordered(winner, loser);
  const compare = sortable && !contested ? sortOrder(winner, loser) : undefined;
  const spine = contested
    ? contestedSpine({ base, winner, loser }, tie)
    : loserMoved && !winnerMoved
      ? "loser"
      : "winner";
  if (compare !== undefined) return { names: [...present].sort(compare), contested: false, spine };
  const [first, second] = spine === "winner" ? [winner, loser] : [loser, winner];
  return { names: weave(first, second), contested, spine };
};

/** Whether names that both lists have stand in another order in the second. */
export const isReordered = <Name>(list: readonly Name[], other: readonly Name[]): boolean => {
  const places = new Map(list.map((name, index) => [name, index]));
  let last = -1;
  for (const name of other) {
    const place = places.get(name);
    if (place === undefined) continue;
    if (place < last) return true;
    last = place;
  }
  return false;
};

const contestedSpine = ({ winner, loser }: Orders, tie: boolean): "winner" | "loser" => {
  if (!tie) return "winner";
  const [inWinner, inLoser] = [new Set(winner), new Set(loser)];
  const a = JSON.stringify(winner.filter((name) => inLoser.has(name)));
  const b = JSON.stringify(loser.filter((name) => inWinner.has(name)));
  return b > a ? "loser" : "winner";
};

const byUnits = (a: string, b: string): number => Number(a > b) - Number(a < b);

/** As Go sorts: by UTF-8 bytes, which is by code points. */
const byCodePoints = (a: string, b: string): number => {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  const [x, y] = [a.charCodeAt(at), b.charCodeAt(at)];
  const surrogates = Number(isSurrogate(x)) - Number(isSurrogate(y)); // they stand for more than any other unit
  return surrogates || byUnits(a, b);
};

const isSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdfff;

const sortOrder = (a: readonly string[], b: readonly string[]): ((x: string, y: string) => number) | undefined =>
  [byCodePoints, byUnits].find((compare) => isSorted(a, compare) && isSorted(b, compare));

const isSorted = (names: readonly string[], compare: (a: string, b: string) => number): boolean =>
  names.every((name, index) => index === 0 || compare(names[index - 1] ?? "", name) < 0);

/** The spine, and behind each of its names what follows it in the other list only; the spine's own additions come first. */
const weave = (spine: readonly string[], other: readonly string[]): readonly string[] => {
  const [inSpine, inOther] = [new Set(spine), new Set(other)];
  let waiting: string[] = [];
  const after = new Map<string, string[]>();
  let following = waiting; // what comes before any name of the spine
  for (const name of other) {
    if (inSpine.has(name)) {
      following = [];
      after.set(name, following);
    } else following.push(name);
  }
  const names: string[] = [];
  for (const name of spine) {
    if (inOther.has(name)) {
      for (const added of waiting) names.push(added);
      waiting = after.get(name) ?? [];
    }
    names.push(name);
  }
  return [...names, ...waiting];
};
