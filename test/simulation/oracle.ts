import { type View, viewOf } from "./sim-graph.ts";

/** What the apps did and what the wrappers answered for: by it the end is judged. */
export type Oracle = ReturnType<typeof createOracle>;

/** A fact with its value. No value is ever used twice, and no name of a fact: each says where it comes from. */
type Pair = string;

/** One save: what it held, what it took away of what its app knew, and all that its app had taken away by then. */
type Save = {
  readonly by: string;
  readonly after: View;
  readonly took: readonly Pair[];
  readonly gone: ReadonlySet<Pair>;
};

type Saving = {
  /** The machine. */
  readonly by: string;
  readonly text: string;
  readonly before: View;
  readonly after: View;
  readonly gone: Set<Pair>;
  readonly sure: View | undefined;
  /** What is gone is gone by accident: it may come back. */
  readonly accident: boolean;
};

/** What a put's metadata says. `epoch`: undefined without a lease. */
export type Told = { readonly epoch: number | undefined; readonly ancestors: readonly string[] };

/** As the metadata names a version. */
const short = (sha256: string): string => sha256.slice(0, 16);

const pairsOf = ({ facts }: View): readonly Pair[] => [...facts].map(([name, value]) => `${name}=${value}`);

/** A record names the documents that lost something: they must be there. */
const judgeRecords = (kept: ReadonlyMap<string, string>): readonly string[] =>
  [...kept.values()]
    .flatMap((text) => [...text.matchAll(/"key": ?"([^"]+)"/g)].map(([, key]) => key ?? ""))
    .filter((key) => !kept.has(key))
    .map((key) => `a record names ${key}, which is not there`);

export const createOracle = (digest: (text: string) => string) => {
  const saves = new Map<string, Save>();
  const acknowledged = new Set<string>();
  /** By a wrapper's own word; the others only lie on a disk. */
  const home = new Set<string>();
  /** Saves that have come to the bucket, whole or in a merge, by their digests' first digits: only what these took away may be gone. */
  const reached = new Set<string>();
  const excused = new Set<Pair>();
  const broken: string[] = [];
  /** Who wrote under which epoch. */
  const writers = new Map<number, string>();
  let lastEpoch = 0;

  const keep = (sha256: string): void => {
    if (!saves.has(sha256)) return;
    acknowledged.add(sha256);
    reached.add(short(sha256));
  };
  const acknowledge = (sha256: string): void => {
    keep(sha256);
    home.add(sha256);
  };
  const giveWay = (machine: string): void => {
    for (const [sha256, save] of saves)
      if (save.by === machine && !home.has(sha256)) saves.set(sha256, { ...save, took: [] });
  };
  const judgeAdditions = (end: ReadonlySet<Pair>, told: string): readonly string[] => {
    const gone = new Set([...saves].flatMap(([sha256, save]) => (reached.has(short(sha256)) ? [...save.gone] : [])));
    const problems: string[] = [];
    for (const sha256 of acknowledged)
      for (const pair of pairsOf(saves.get(sha256)?.after ?? { facts: new Map(), schema: undefined })) {
        const value = pair.slice(pair.indexOf("=") + 1);
        if (!end.has(pair) && !gone.has(pair) && !told.includes(`"${value}"`))
          problems.push(`lost: ${pair} of an acknowledged save`);
      }
    return problems;
  };
  const judgeRemovals = (end: ReadonlySet<Pair>): readonly string[] =>
    [...acknowledged]
      .flatMap((sha256) => saves.get(sha256)?.took ?? [])
      .filter((pair) => end.has(pair) && !excused.has(pair))
      .map((pair) => `back: ${pair}, which an acknowledged save had removed or replaced`);

  return {
    /** A law that is not about the end. */
    breaks: (what: string): void => void broken.push(what),
    /** What an app that loads this text goes on from: all that was taken away before, as far as nobody was told. */
    goneBefore: (text: string | undefined): Set<Pair> => new Set(saves.get(digest(text ?? ""))?.gone),
    /** The app saves; `before` is what it held, `sure` what of it the wrapper can know that it held, `gone` all it took away. */
    saved: ({ by, text, before, after, gone, sure, accident }: Saving): string => {
      const sha256 = digest(text);
      const took: Pair[] = [];
      for (const [name, value] of before.facts) {
        if (after.facts.get(name) === value) continue;
        gone.add(`${name}=${value}`);
        if (!accident && (sure ?? before).facts.get(name) === value) took.push(`${name}=${value}`);
      }
      saves.set(sha256, { by, after, took, gone: new Set(gone) });
      return sha256;
    },
    acknowledge,
    isAcknowledged: (sha256: string): boolean => acknowledged.has(sha256),
    /** The disk that has it lives on. */
    onDisk: (text: string | undefined): void => {
      if (viewOf(text) !== undefined) keep(digest(text ?? ""));
    },
    /** What a machine removed and had not brought home need not stay away: it gave way, or nobody can know of it any more. */
    giveWay,
    /** A machine has lost its state folder: what it has may come back. */
    excuse: (machine: string, view: View | undefined): void => {
      giveWay(machine);
      for (const pair of view === undefined ? [] : pairsOf(view)) excused.add(pair);
    },
    /** An app was started by the holder of this epoch: from then on nothing is put under an earlier one. */
    serves: (epoch: number): void => {
      lastEpoch = Math.max(lastEpoch, epoch);
    },
    /** `alone`: whoever writes holds the lease. */
    bucketGraph: (text: string, { epoch, ancestors }: Told, by: string, alone: boolean): void => {
      for (const one of [short(digest(text)), ...ancestors]) reached.add(one);
      if (viewOf(text) === undefined) broken.push(`the bucket's graph is not one: ${text}`);
      if (epoch === undefined) {
        if (lastEpoch > 0) broken.push(`the graph by ${by} has no epoch, it had ${lastEpoch}`);
        return;
      }
      if (epoch < lastEpoch) broken.push(`${by} writes under epoch ${epoch} after ${lastEpoch}`);
      const other = writers.get(epoch);
      if (alone && other !== undefined && other !== by)
        broken.push(`two holders write under epoch ${epoch}: ${other} and ${by}`);
      writers.set(epoch, by);
      lastEpoch = epoch;
    },
    judge: (remote: string | undefined, kept: ReadonlyMap<string, string>): readonly string[] => {
      const view = viewOf(remote) ?? { facts: new Map<string, string>(), schema: undefined };
      const end = new Set(pairsOf(view));
      const known = new Set([...saves.values()].flatMap(({ after }) => pairsOf(after)));
      const invented = [...end].filter((pair) => !known.has(pair)).map((pair) => `invented: ${pair}`);
      const schema = [...acknowledged].some((sha256) => saves.get(sha256)?.after.schema !== undefined);
      const dropped = schema && view.schema === undefined ? ["lost: the field that an older app does not know"] : [];
      return [
        ...new Set([
          ...broken,
          ...judgeAdditions(end, [...kept.values()].join("\n")),
          ...judgeRemovals(end),
          ...invented,
          ...dropped,
          ...judgeRecords(kept),
        ]),
      ];
    },
    counts: () => ({ saves: saves.size, acknowledged: acknowledged.size }),
  };
};
