import { adoptRemote, isBehind } from "./adopt-remote.ts";
import { type Apply, applyStart } from "./apply-start.ts";
import type { Io } from "./io.ts";
import { noteRemote } from "./learn-remote.ts";
import { type Reconciliation, reconcile } from "./reconcile.ts";
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
  for (let n = 0; n < TRIES; n++) {
    const found = await reconcile(io, folder, apply.budget, true, true);
    const { local } = found;
    if (local.kind === "damaged" && local.torn && n === 0) await io.clock.sleep(TORN_MS, apply.budget.signal);
    else if (!mayBeRead(found, folder)) {
      if ((await startOver(io, folder, found, apply)) === "done") return;
    } else if (await bringUnder(io, folder, found, apply)) return;
  }
  io.log.warn("watch.behind", "the bucket's graph could not be brought to the disk: its app goes on from what it has");
};

/** What lies there is a version of ours that an app may hold, and nothing of it has to give way. */
const mayBeRead = ({ local, plan }: Reconciliation, folder: StateFolder): boolean => {
  const known = folder.current().base.kind === "content" && local.kind === "valid";
  return (
    known && (plan.do === "keep" || plan.do === "push" || plan.do === "merge" || (plan.do === "pull" && !plan.aside))
  );
};

/** Answers whether the disk holds what the bucket does, or has been given to the app to read. */
const bringUnder = async (
  io: Io,
  folder: StateFolder,
  found: Reconciliation,
  { probed, budget, child }: Apply,
): Promise<boolean> => {
  const { local, remote, plan } = found;
  if (plan.do === "keep") {
    // Under an app that has not saved since, the file is not its view yet.
    const unread = local.kind === "valid" && folder.current().otherView === local.sha256;
    if (!unread) return (await applyStart(io, folder, found, { probed, budget, child })) === "done";
    if (remote.kind === "valid") await noteRemote(io, folder, folder.current(), remote);
    return true;
  }
  io.log.info("start.plan", "what is to be done with the graph", { plan: plan.do, why: plan.why });
  await probed();
  await adoptRemote(io, folder, budget, true);
  const state = folder.current();
  return !isBehind(state) && !state.dirty && state.intent === undefined;
};

/** The disk gets another graph whole; an app that still runs holds what base was. */
const startOver = async (
  io: Io,
  folder: StateFolder,
  found: Reconciliation,
  apply: Apply,
): Promise<"done" | "again"> => {
  const { base } = folder.current();
  const bytes = base.kind === "content" ? await folder.readBase(base.sha256) : undefined;
  const applied = await applyStart(io, folder, found, apply);
  const now = folder.current();
  if (bytes === undefined || base.kind !== "content" || now.base.kind !== "content" || now.store !== io.store.name)
    return applied;
  if (now.base.sha256 === base.sha256 || found.plan.do !== "pull") return applied;
  await folder.keepBase(base.sha256, bytes);
  await folder.replace({ ...now, base, otherView: now.base.sha256 });
  return applied;
};
