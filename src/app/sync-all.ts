import { KgsyncError } from "../core/errors.ts";
import { applyStart } from "./apply-start.ts";
import { bringMerged } from "./bring-merged.ts";
import type { Budget } from "./budget.ts";
import { eachDocument } from "./each-document.ts";
import { ensureSafeStore } from "./ensure-safe-store.ts";
import { finalPush } from "./final-push.ts";
import type { Io } from "./io.ts";
import { noteRemote } from "./learn-remote.ts";
import { isSet, openDocument } from "./open-document.ts";
import { pullBackups } from "./pull-backups.ts";
import type { Pushing } from "./push-all.ts";
import { reconcile } from "./reconcile.ts";
import { noteProbe } from "./start-all.ts";
import { openStateFolder, type StateFolder } from "./state-folder.ts";

/** What became of the graph and the documents beside it, and how many files of backups and sets went each way. */
export type Synced = {
  readonly graph: SyncedGraph;
  readonly pulled: number;
  readonly pushed: number;
  /** The files beside the graph that are not sets, in the order of the settings. */
  readonly documents: readonly { readonly name: string; readonly outcome: SyncedGraph }[];
};

type SyncedGraph = "clean" | "pulled" | "stored" | "merged";

/**
 * Pull and push in one, with no app running: afterwards both sides hold everything of both. Rejects with `not-durable` when
 * local work is not in the bucket, and changes nothing on disk then.
 */
export const syncAll = async (io: Io, budget: Budget): Promise<Synced> => {
  const probedAt = await ensureSafeStore(io, await openStateFolder(io), budget);
  const all = await eachDocument(io, async (of, document) => ({
    name: document?.name,
    file: !isSet(document),
    ...(await syncOne(await openDocument(of, document), isSet(document), probedAt, budget)),
  }));
  const sum = (count: "pulled" | "pushed"): number => all.reduce((total, one) => total + one[count], 0);
  return {
    graph: all.find(({ name }) => name === undefined)?.outcome ?? "clean",
    pulled: sum("pulled"),
    pushed: sum("pushed"),
    documents: all.flatMap(({ name, file, outcome }) => (name === undefined || !file ? [] : [{ name, outcome }])),
  };
};

const syncOne = async (opened: Pushing, set: boolean, probedAt: number | undefined, budget: Budget) => {
  const { io, folder, ledger } = opened;
  if (!set) await noteProbe(folder, probedAt);
  const plan = set ? "clean" : await settleGraph(io, folder, budget);
  const down = await pullBackups(io, ledger, budget);
  const pushes = plan === "push" || plan === "merge";
  const pushing = pushes ? opened : { ...opened, graph: async () => ({ kind: "clean" as const }) };
  const pushed = await finalPush(pushing, budget, { allowed: undefined, disk: false });
  if (pushed.error !== undefined) throw pushed.error;
  if (pushed.data === "unsafe") throw new KgsyncError("not-durable", pushed.why ?? "the time was up");
  // Whoever syncs by hand reads the file again: what is taken out of it afterwards is meant so.
  if (pushes) await bringMerged(io, folder, false);
  const { graph: done } = pushed;
  return { outcome: outcome(plan, done), pulled: down.downloaded, pushed: pushed.backups };
};

type Settled = "push" | "merge" | "pulled" | "clean";

/** Also where all of ours gave way, and nothing was put: "in step already" would hide that the disk has another graph now. */
const outcome = (plan: Settled, done: string): Synced["graph"] => {
  if (plan === "pulled") return plan;
  if (plan === "merge") return "merged";
  return done === "stored" || done === "merged" ? done : "clean";
};

/** A latched guard is no ground to take the bucket's graph here: the push asks the guard, which a person can answer. */
const settleGraph = async (io: Io, folder: StateFolder, budget: Budget): Promise<Settled> => {
  const found = await reconcile(io, folder, budget, false);
  const { plan, remote } = found;
  switch (plan.do) {
    case "push":
      return "push";
    case "merge":
      if (remote.kind === "valid") await noteRemote(io, folder, folder.current(), remote);
      return "merge";
    case "create":
      await folder.replace({ ...folder.current(), remote: undefined });
      return "push";
    case "start-local":
      if (remote.kind === "unreachable") throw remote.error;
      return "clean";
    case "replace-invalid":
      throw new KgsyncError("graph-invalid", `${plan.why}; \`kgsync run\` would fall back, a sync does not`);
    default:
      await applyStart(io, folder, found, { probed: async () => undefined, budget, child: false });
      return plan.do === "pull" ? "pulled" : "clean";
  }
};
