// What the ledgers of scripts/ledger-app.ts say, what a wrapper had answered for, and what a bucket has lost of it.

/**
 * One save of the app: when its ledger line was written (ms), the digest of the file, and the fact that it added or removed.
 * `removing`: no save, but the word before one, which may have been made and not noted.
 */
export type Save = {
  readonly at: number;
  readonly sha256: string;
  readonly add?: string;
  readonly remove?: string;
  readonly removing?: string;
};

/** The JSON lines of a ledger or of a log; other lines, and one cut off by a kill, are left out. */
export const parseLines = <T>(text: string): readonly T[] =>
  text
    .split("\n")
    .filter((line) => line.startsWith("{") && line.endsWith("}"))
    .map((line) => JSON.parse(line));

/** How many of a life's saves kgsync's log has named as pushed: everything up to the last one that it names. */
export const pushedOf = (saves: readonly Save[], log: string): number => {
  const pushed = new Set(
    parseLines<Readonly<Record<string, unknown>>>(log).flatMap((line) =>
      // Where both sides had changed `sha256` is the merged version, and `local` the app's own.
      line["event"] === "push.stored" ? [line["local"] ?? line["sha256"]] : [],
    ),
  );
  return saves.findLastIndex(({ sha256 }) => pushed.has(sha256)) + 1;
};

/** The same for scripts/naive-entrypoint.sh: what was saved before its last finished upload began. */
export const uploadedOf = (saves: readonly Save[], log: string): number => {
  const last = Number([...log.matchAll(/^uploaded (\d+)$/gm)].at(-1)?.[1] ?? 0);
  return saves.filter(({ at }) => at < last).length;
};

/** The saves of one life of the app, and how many of them, from the first on, somebody has answered for. */
export type Life = { readonly saves: readonly Save[]; readonly answered: number };

export type Judgement = {
  /** Facts that were answered for, and that nobody has removed since. */
  readonly facts: readonly string[];
  /** Neither in the graph nor in anything that is kept beside it. */
  readonly lost: readonly string[];
  readonly onlyInRecords: readonly string[];
  /** Facts whose removal was answered for, and that are in the graph. */
  readonly back: readonly string[];
};

/** The services of a graph; none if it is not one. */
export const namesIn = (graph: string): readonly string[] => {
  try {
    return Object.keys(JSON.parse(graph).services ?? {});
  } catch {
    return [];
  }
};

/** Compares the apps' lives with what the bucket holds: the graph, and the texts below `.kgsync/conflicts/`. */
export const judge = (lives: readonly Life[], graph: string, kept: readonly string[]): Judgement => {
  const answered = lives.flatMap(({ saves, answered: count }) => saves.slice(0, count));
  const removed = new Set(
    lives.flatMap(({ saves }) => saves.flatMap(({ remove, removing }) => remove ?? removing ?? [])),
  );
  const facts = answered.flatMap(({ add }) => (add === undefined || removed.has(add) ? [] : [add]));
  const present = new Set(namesIn(graph));
  const missing = facts.filter((fact) => !present.has(fact));
  const isKept = (fact: string): boolean => kept.some((text) => text.includes(`"${fact}"`));
  return {
    facts,
    lost: missing.filter((fact) => !isKept(fact)),
    onlyInRecords: missing.filter(isKept),
    back: answered.flatMap(({ remove }) => (remove !== undefined && present.has(remove) ? [remove] : [])),
  };
};
