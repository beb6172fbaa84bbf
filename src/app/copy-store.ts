import { KgsyncError } from "../core/errors.ts";
import type { CopyVerdict } from "../core/judge-copy.ts";
import { type Key, keyProblem, parseKey } from "../core/key.ts";
import type { ListedObject } from "../ports/object-store.ts";
import type { Progress } from "../ports/progress.ts";
import { type Budget, createBudget } from "./budget.ts";
import { type CopiedObject, type CopyIo, copyObject } from "./copy-object.ts";
import { DOCTOR_KEY } from "./examine-bucket.ts";
import { LARGE } from "./hold-object.ts";
import { PROBE_KEY } from "./keys.ts";
import { LEASE_KEY } from "./lease-object.ts";
import { runBounded } from "./run-bounded.ts";

export type CopyRules = {
  readonly dryRun: boolean;
  /** What may change under one key, the graph last. What else lies beside the graph is taken for such, too. */
  readonly documents: readonly Key[];
  /** Milliseconds for one object, with all tries; a large one has it for each 32 MiB. */
  readonly objectMs: number;
  /** Milliseconds for one request. */
  readonly attemptMs: number;
};

/** `left`: in the source, but not copied, and why. `moved`: a document of the source was written all the while. */
export type CopyReport = {
  readonly objects: Readonly<Record<CopyVerdict, number>>;
  readonly bytes: number;
  readonly graph: CopyVerdict | "absent";
  readonly left: readonly { readonly name: string; readonly why: string }[];
  readonly moved: boolean;
};

/** Each is whole in memory, twice while it is compared, so their bytes are bounded too. What is large goes through a file. */
const AT_ONCE = { lanes: 16, weight: LARGE };
const ROUNDS = 3;

/** Speaks of the source alone: who holds it, and what it was seen to honour. */
const OF_THE_STORE: ReadonlySet<string> = new Set([LEASE_KEY, PROBE_KEY, DOCTOR_KEY]);

/**
 * Copies everything below the source's prefix, with metadata, and compares what it reads back. Nothing in the target is
 * overwritten but a document that the source's came from. The graph comes last: whoever starts on the target in between finds
 * no graph rather than one without its backups. Then the source is looked at again: what was saved meanwhile is brought
 * too. Rejects as the stores do; what was copied by then stays, and a second call goes on.
 */
export const copyStore = async (
  io: CopyIo,
  { dryRun, documents, objectMs, attemptMs }: CopyRules,
  progress: Progress | undefined,
  signal: AbortSignal,
): Promise<CopyReport> => {
  const within: Within = async (size, work) => {
    const budget = createBudget(io.clock, objectMs * Math.max(1, Math.ceil(size / LARGE)), attemptMs, signal);
    try {
      return await work(budget);
    } finally {
      budget.close();
    }
  };
  const listed = await within(0, (budget) => listAll(io, budget.signal));
  if (listed.length === 0)
    throw new KgsyncError("bucket-missing", `${io.from.name} holds nothing`, {
      hint: "Check the bucket's name and the prefix of the source: the first of the two addresses.",
    });
  const objects = { create: 0, same: 0, update: 0, newer: 0, differs: 0 };
  const left: { readonly name: string; readonly why: string }[] = [];
  let bytes = 0;
  const note = (name: string, copied: CopiedObject): void => {
    progress?.count("objects", 1, 0);
    if (copied.verdict === "gone") return;
    objects[copied.verdict] += 1;
    if (copied.verdict === "create" || copied.verdict === "update") bytes += copied.bytes;
    if (copied.verdict === "differs") left.push({ name, why: "the target has another file of this name" });
  };
  progress?.expect("objects", listed.length);
  const copyOne = async ({ name, size }: Listed): Promise<CopiedObject> => {
    const key = parseKey(name);
    if (key !== undefined) return within(size, (budget) => copyObject(io, key, dryRun, budget));
    left.push({ name, why: `its name ${keyProblem(name)}` });
    return { verdict: "gone" };
  };
  const rank = createRank(documents);
  const still = listed.filter(({ name }) => rank(name) < 0);
  const weightOf = ({ size }: Listed): number => Math.min(size, LARGE);
  await runBounded(still, { ...AT_ONCE, weightOf }, async (one) => note(one.name, await copyOne(one)));
  const changing = listed.filter(({ name }) => rank(name) >= 0).sort((a, b) => rank(a.name) - rank(b.name));
  let graph: CopyReport["graph"] = "absent";
  let moved = false;
  for (const one of changing) {
    const document = await follow(io, one, () => copyOne(one), dryRun, within);
    note(one.name, document.copied);
    moved ||= document.moved;
    if (one.name === documents.at(-1) && document.copied.verdict !== "gone") graph = document.copied.verdict;
  }
  return { objects, bytes, graph, left, moved };
};

type Listed = Pick<ListedObject, "name" | "size">;
type Within = <T>(size: number, work: (budget: Budget) => Promise<T>) => Promise<T>;

/** Folder marks that consoles make are nobody's objects. */
const listAll = async ({ from }: CopyIo, signal: AbortSignal): Promise<readonly Listed[]> => {
  const found: Listed[] = [];
  for await (const { name, size } of from.list("", signal))
    if (name !== "" && !name.endsWith("/") && !OF_THE_STORE.has(name)) found.push({ name, size });
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
};

/** In which order what may change is copied; negative: it does not, and comes before. */
const createRank = (documents: readonly Key[]): ((name: string) => number) => {
  const named = new Map<string, number>(documents.map((key, index) => [key, index + 1]));
  return (name) => named.get(name) ?? (name.includes("/") ? -1 : 0);
};

/** A source that is still written to is followed for a few rounds: the last save counts. */
const follow = async (
  { from }: CopyIo,
  { name }: Listed,
  copy: () => Promise<CopiedObject>,
  dryRun: boolean,
  within: Within,
): Promise<{ readonly copied: CopiedObject; readonly moved: boolean }> => {
  let first: CopiedObject | undefined;
  for (let round = 0; round < ROUNDS; round++) {
    const copied = await copy();
    // A second round finds what the first one made: what the whole came to is what the first one did.
    first = first === undefined || copied.verdict === "differs" || copied.verdict === "newer" ? copied : first;
    const key = parseKey(name);
    if (dryRun || copied.verdict === "gone" || key === undefined) return { copied: first, moved: false };
    const now = await within(0, (budget) => budget.attempt((signal) => from.head(key, signal)));
    if (now?.etag === copied.etag) return { copied: first, moved: false };
  }
  return { copied: first ?? { verdict: "gone" }, moved: true };
};
