import { isBehind } from "../core/is-behind.ts";
import { adoptRemote } from "./adopt-remote.ts";
import { type Apply, applyStart } from "./apply-start.ts";
import type { Io } from "./io.ts";
import { noteRemote } from "./learn-remote.ts";
import { type Reconciliation, reconcile } from "./reconcile.ts";
import { noteChild } from "./start-graph.ts";
import type { StateFolder } from "./state-folder.ts";

const TRIES = 3;
/** A torn file that stands for so long is not being written. */
const TORN_MS = 500;

/**
 * `startGraph` where the app is another container's: it may have been running for long, as when only this container was
 * started again. So the disk gets the bucket's graph as it does under a running app, and the app's view may then be either of
 * the two. What cannot be brought to the disk in that way is left: the app goes on from what it has, and loses nothing.
 */
export const startBeside = async (io: Io, folder: StateFolder, apply: Apply): Promise<void> => {
  await noteChild(folder, true); // whatever changed the disk since base was the app, also while nobody watched
  for (let n = 0; n < TRIES; n++) {
    const found = await reconcile(io, folder, apply.budget, true, true);
    const { local } = found;
    if (local.kind === "damaged" && local.torn && n === 0) await io.clock.sleep(TORN_MS, apply.budget.signal);
    else if (await tryOnce(io, folder, found, apply)) return noteChild(folder, apply.child);
  }
  io.log.warn("watch.behind", "the bucket's graph could not be brought to the disk: its app goes on from what it has");
};

/** Answers whether the disk holds what the bucket does, or has been given to the app to read. */
const tryOnce = async (io: Io, folder: StateFolder, found: Reconciliation, apply: Apply): Promise<boolean> => {
  const { local, remote, plan } = found;
  const view = await knownView(io, folder);
  if (plan.do === "keep" && local.kind === "valid" && folder.current().otherView === local.sha256) {
    // Under an app that has not saved since, the file is not its view yet.
    if (remote.kind === "valid") await noteRemote(io, folder, folder.current(), remote);
    return true;
  }
  const gaveWay = plan.do === "pull" && plan.aside;
  const done =
    local.kind === "valid" && SHARED.has(plan.do) && !gaveWay
      ? await bringUnder(io, folder, found, apply)
      : (await applyStart(io, folder, found, apply)) === "done";
  if (done && local.kind !== "absent" && (gaveWay || view === EMPTY)) await keepView(io, folder, view);
  return done;
};

/** Plans that an app that runs may live through: nothing of what it wrote has to give way. */
const SHARED: ReadonlySet<Reconciliation["plan"]["do"]> = new Set(["push", "merge", "pull"]);

const bringUnder = async (
  io: Io,
  folder: StateFolder,
  { plan }: Reconciliation,
  { probed, budget }: Apply,
): Promise<boolean> => {
  io.log.info("start.plan", "what is to be done with the graph", { plan: plan.do, why: plan.why });
  await probed();
  await adoptRemote(io, folder, budget, true);
  const state = folder.current();
  return !isBehind(state) && !state.dirty && state.intent === undefined;
};

/** Nothing of it is missing in any bucket: all that the app saves is an addition to it. */
const EMPTY = new TextEncoder().encode("{}");

/** What an app that still runs holds at least. Another bucket's base is no ground to call anything known in this one. */
const knownView = async (io: Io, folder: StateFolder): Promise<Uint8Array> => {
  const { base, store } = folder.current();
  const bytes = base.kind === "content" && store === io.store.name ? await folder.readBase(base.sha256) : undefined;
  return bytes ?? EMPTY;
};

/** What was just noted as base is only what an app has read that was started since. */
const keepView = async (io: Io, folder: StateFolder, view: Uint8Array): Promise<void> => {
  const state = folder.current();
  const sha256 = io.sha256(view);
  if (state.base.kind !== "content" || state.base.sha256 === sha256) return;
  await folder.keepBase(sha256, view);
  const otherView = state.otherView ?? state.base.sha256;
  await folder.replace({ ...state, base: { kind: "content", sha256 }, otherView });
};
