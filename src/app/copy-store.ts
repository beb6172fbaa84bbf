import { KgsyncError } from "../core/errors.ts";
import type { CopyVerdict } from "../core/judge-copy.ts";
import { keyProblem, parseKey } from "../core/key.ts";
import type { Progress } from "../ports/progress.ts";
import { createBudget } from "./budget.ts";
import { type CopiedObject, type CopyIo, copyObject } from "./copy-object.ts";
import { DOCTOR_KEY } from "./examine-bucket.ts";
import { GRAPH_KEY, PROBE_KEY } from "./keys.ts";
import { LEASE_KEY } from "./lease-object.ts";
import { runBounded } from "./run-bounded.ts";

export type CopyRules = {
  readonly dryRun: boolean;
  /** Milliseconds for one object, with all tries. */
  readonly objectMs: number;
  /** Milliseconds for one request. */
  readonly attemptMs: number;
};

/** `left`: in the source, but not copied, and why. `moved`: the source's graph was written all the while. */
export type CopyReport = {
  readonly objects: Readonly<Record<CopyVerdict, number>>;
  readonly bytes: number;
  readonly graph: CopyVerdict | "absent";
  readonly left: readonly { readonly name: string; readonly why: string }[];
  readonly moved: boolean;
};

const LANES = 16;
const GRAPH_ROUNDS = 3;

/** Speaks of the source alone: who holds it, and what it was seen to honour. */
const OF_THE_STORE: ReadonlySet<string> = new Set([LEASE_KEY, PROBE_KEY, DOCTOR_KEY]);

/**
 * Copies everything below the source's prefix, with metadata, and compares what it reads back. Nothing in the target is
 * overwritten but a graph that the source's came from. The graph comes last: whoever starts on the target in between finds
 * no graph rather than one without its backups. Then the source is looked at again: what was saved meanwhile is brought
 * too. Rejects as the stores do; what was copied by then stays, and a second call goes on.
 */
export const copyStore = async (
  io: CopyIo,
  { dryRun, objectMs, attemptMs }: CopyRules,
  progress: Progress | undefined,
  signal: AbortSignal,
): Promise<CopyReport> => {
  const within = async <T>(work: (budget: ReturnType<typeof createBudget>) => Promise<T>): Promise<T> => {
    const budget = createBudget(io.clock, objectMs, attemptMs, signal);
    try {
      return await work(budget);
    } finally {
      budget.close();
    }
  };
  const names = await within((budget) => listNames(io, budget.signal));
  if (names.length === 0)
    throw new KgsyncError("bucket-missing", `${io.from.name} holds nothing`, {
      hint: "Check the bucket's name and the prefix of the source: the first of the two addresses.",
    });
  const objects = { create: 0, same: 0, update: 0, newer: 0, differs: 0 };
  const left: { readonly name: string; readonly why: string }[] = [];
  let bytes = 0;
  const note = (name: string, copied: CopiedObject): void => {
    if (copied.verdict === "gone") return;
    objects[copied.verdict] += 1;
    if (copied.verdict === "create" || copied.verdict === "update") bytes += copied.bytes;
    if (copied.verdict === "differs") left.push({ name, why: "the target has another file of this name" });
  };
  progress?.expect("objects", names.length);
  const copyOne = (name: string): Promise<CopiedObject | undefined> => {
    const key = parseKey(name);
    if (key !== undefined) return within((budget) => copyObject(io, key, dryRun, budget));
    left.push({ name, why: `its name ${keyProblem(name)}` });
    return Promise.resolve(undefined);
  };
  const others = names.filter((name) => name !== GRAPH_KEY);
  await runBounded(others, LANES, async (name) => {
    const copied = await copyOne(name);
    if (copied !== undefined) note(name, copied);
    progress?.count("objects", 1, 0);
  });
  const { graph, moved } = names.includes(GRAPH_KEY)
    ? await copyGraph(io, () => copyOne(GRAPH_KEY), dryRun, within)
    : { graph: { verdict: "gone" } as const, moved: false };
  note(GRAPH_KEY, graph);
  return { objects, bytes, graph: graph.verdict === "gone" ? "absent" : graph.verdict, left, moved };
};

/** Folder marks that consoles make are nobody's objects. */
const listNames = async ({ from }: CopyIo, signal: AbortSignal): Promise<readonly string[]> => {
  const names: string[] = [];
  for await (const { name } of from.list("", signal))
    if (name !== "" && !name.endsWith("/") && !OF_THE_STORE.has(name)) names.push(name);
  return names.sort();
};

type Within = <T>(work: (budget: ReturnType<typeof createBudget>) => Promise<T>) => Promise<T>;

/** A source that is still written to is followed for a few rounds: the last save counts. */
const copyGraph = async (
  { from }: CopyIo,
  copy: () => Promise<CopiedObject | undefined>,
  dryRun: boolean,
  within: Within,
): Promise<{ readonly graph: CopiedObject; readonly moved: boolean }> => {
  let first: CopiedObject | undefined;
  for (let round = 0; round < GRAPH_ROUNDS; round++) {
    const copied = (await copy()) ?? { verdict: "gone" };
    // A second round finds what the first one made: what the whole came to is what the first one did.
    first = first === undefined || copied.verdict === "differs" || copied.verdict === "newer" ? copied : first;
    if (dryRun || copied.verdict === "gone") return { graph: first, moved: false };
    const now = await within((budget) => budget.attempt((signal) => from.head(GRAPH_KEY, signal)));
    if (now?.etag === copied.etag) return { graph: first, moved: false };
  }
  return { graph: first ?? { verdict: "gone" }, moved: true };
};
