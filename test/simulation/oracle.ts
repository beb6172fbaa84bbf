import { type View, viewOf } from "./sim-graph.ts";

/** What the apps did and what the wrappers answered for: by it the end is judged. */
export type Oracle = ReturnType<typeof createOracle>;

/** Keys that are edited have values that are never used twice; facts have names that are not. */
export const isShared = (name: string): boolean => name.startsWith("k");

export const createOracle = (digest: (text: string) => string) => {
  /** Every save: what it held. */
  const saves = new Map<string, View>();
  const removals = new Map<string, Set<string>>();
  const acknowledged = new Set<string>();
  /** Values that an app which had seen them replaced or removed. */
  const superseded = new Set<string>();
  const everRemoved = new Set<string>();
  const broken: string[] = [];
  /** Who wrote under which epoch. */
  const writers = new Map<string, string>();

  const acknowledge = (sha256: string): void => void (saves.has(sha256) && acknowledged.add(sha256));

  return {
    broken,
    /** The app saves; `before` is what it held, `sure` what of it the wrapper can know that it held. */
    saved: (text: string, before: View, after: View, sure: View = before): string => {
      const sha256 = digest(text);
      saves.set(sha256, after);
      const gone = new Set<string>();
      for (const [name, value] of before.facts) {
        const now = after.facts.get(name);
        if (now === value) continue;
        superseded.add(`${name}=${value}`);
        if (now === undefined) {
          if (sure.facts.has(name)) gone.add(name);
          everRemoved.add(name);
        }
      }
      removals.set(sha256, gone);
      return sha256;
    },
    acknowledge,
    isAcknowledged: (sha256: string): boolean => acknowledged.has(sha256),
    /** The disk that has it lives on. */
    onDisk: (text: string | undefined): void => {
      if (viewOf(text) !== undefined) acknowledge(digest(text ?? ""));
    },
    /** `epoch`: empty without a lease. */
    bucketGraph: (text: string, epoch: string, by: string): void => {
      if (epoch !== "" && (writers.get(epoch) ?? by) !== by)
        broken.push(`two holders write under epoch ${epoch}: ${writers.get(epoch)} and ${by}`);
      if (epoch !== "") writers.set(epoch, by);
      if (viewOf(text) === undefined) broken.push(`the bucket's graph is not one: ${text}`);
    },
    /** `certain`: no wrapper ever lost its state or disk, so that removals are known for what they are. */
    judge: (remote: string | undefined, kept: readonly string[], certain: boolean): readonly string[] => {
      const end = viewOf(remote)?.facts ?? new Map<string, string>();
      const told = kept.join("\n");
      const problems = [...broken];
      for (const sha256 of acknowledged)
        for (const [name, value] of saves.get(sha256)?.facts ?? []) {
          if (end.get(name) === value || superseded.has(`${name}=${value}`) || everRemoved.has(name)) continue;
          if (told.includes(`"${value}"`)) continue;
          problems.push(`lost: ${name}=${value} of an acknowledged save; the graph has ${end.get(name)}`);
        }
      if (certain)
        for (const sha256 of acknowledged)
          for (const name of removals.get(sha256) ?? [])
            if (end.has(name) && !isShared(name)) problems.push(`back: ${name}, whose removal was acknowledged`);
      return [...new Set(problems)];
    },
    counts: () => ({ saves: saves.size, acknowledged: acknowledged.size }),
  };
};
