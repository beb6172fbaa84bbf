import { documentWords } from "../core/document-words.ts";
import type { KgsyncError } from "../core/errors.ts";
import { planBackupsPull } from "../core/plan-backups.ts";
import type { StartPlan } from "../core/plan-start.ts";
import { openBackupLedger } from "./backup-ledger.ts";
import type { Budget } from "./budget.ts";
import { eachDocument } from "./each-document.ts";
import { hasLocalWork } from "./has-local-work.ts";
import type { Io } from "./io.ts";
import { lookOnlyIo } from "./look-only-io.ts";
import { isSet } from "./open-document.ts";
import { listBackups } from "./pull-backups.ts";
import { isInStep } from "./push-backups.ts";
import { reconcile } from "./reconcile.ts";
import { openStateFolder } from "./state-folder.ts";

/** How both sides stand to each other, and what a sync would do. */
export type Survey = {
  readonly graph: Pick<StartPlan, "do" | "why">;
  /** How many files; `compare`: both sides have one of that name, and it is not known whether they are the same. */
  readonly backups: { readonly pull: number; readonly push: number; readonly compare: number };
  /** Local work that no push has brought to the bucket yet. */
  readonly dirty: boolean;
  /** Why nothing is known of the bucket; the rest then says only what can be told without. */
  readonly unreachable: KgsyncError | undefined;
  /** Each document beside the graph; a set's plan is to keep, and its files are counted with the backups. */
  readonly documents: readonly (Pick<StartPlan, "do" | "why"> & { readonly name: string })[];
};

/** Looks at both sides and changes neither. Rejects as `reconcile` does, and as the listing of the bucket. */
export const survey = async (real: Io, budget: Budget): Promise<Survey> => {
  const [graph, ...others] = await eachDocument(real, async (io, document) => ({
    name: document?.name ?? "",
    found: isSet(document) ? await surveySet(io, budget) : await surveyOne(io, budget),
  }));
  const all = [graph, ...others].flatMap((one) => one ?? []);
  if (graph === undefined) throw new RangeError("a graph is always looked at");
  const sum = (count: keyof Survey["backups"]): number =>
    all.reduce((total, { found }) => total + found.backups[count], 0);
  return {
    graph: graph.found.graph,
    backups: { pull: sum("pull"), push: sum("push"), compare: sum("compare") },
    dirty: all.some(({ found }) => found.dirty),
    unreachable: all.find(({ found }) => found.unreachable !== undefined)?.found.unreachable,
    documents: others.map(({ name, found }) => ({ name, ...found.graph, why: documentWords(found.graph.why) })),
  };
};

type One = Omit<Survey, "documents">;

const surveySet = async (io: Io, budget: Budget): Promise<One> => {
  const backups = await countBackups(lookOnlyIo(io), budget);
  const graph = { do: "keep", why: "a set of files" } as const;
  return { graph, backups, dirty: backups.push > 0, unreachable: undefined };
};

const surveyOne = async (real: Io, budget: Budget): Promise<One> => {
  const io = lookOnlyIo(real);
  const { plan, remote } = await reconcile(io, await openStateFolder(io), budget, false);
  const unreachable = remote.kind === "unreachable" ? remote.error : undefined;
  return {
    graph: { do: plan.do, why: plan.why },
    backups: unreachable === undefined ? await countBackups(io, budget) : { pull: 0, push: 0, compare: 0 },
    dirty: unreachable === undefined ? PUSHES.has(plan.do) : await hasLocalWork(real, false),
    unreachable,
  };
};

const PUSHES: ReadonlySet<StartPlan["do"]> = new Set(["push", "merge", "create"]);

const countBackups = async (io: Io, budget: Budget): Promise<Survey["backups"]> => {
  const folder = io.paths.backups;
  if (folder === undefined) return { pull: 0, push: 0, compare: 0 };
  const [remote, scan, ledger] = await Promise.all([
    listBackups(io, budget),
    io.files.scan(folder, io.rules.backupsLimit),
    openBackupLedger(io),
  ]);
  const files = scan.kind === "found" ? scan.files : [];
  const down = planBackupsPull(
    remote,
    new Set(files.map(({ name }) => name)),
    ledger.known,
    io.rules.backupsPull.kind === "background" ? { kind: "all" } : io.rules.backupsPull,
  );
  const there = new Set(remote.map(({ name }) => name));
  const up = files.filter(({ name, stamp }) => !there.has(name) && !isInStep(ledger.known.get(name), stamp));
  const count = (what: "download" | "compare"): number => down.filter((plan) => plan.do === what).length;
  return { pull: count("download"), push: up.length, compare: count("compare") };
};
