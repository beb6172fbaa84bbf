import { isBehind } from "../core/is-behind.ts";
import type { Digest } from "../core/version.ts";
import { baseGraph } from "./base-graph.ts";
import type { Budget } from "./budget.ts";
import { sameGraph } from "./content.ts";
import type { Io } from "./io.ts";
import { learnRemote } from "./learn-remote.ts";
import { pushGraph } from "./push-graph.ts";
import { readLocal } from "./read-local.ts";
import type { StateFolder } from "./state-folder.ts";

/** A program that opened the file before the swap has written by then, and if not, it is looked at again. */
const OLD_FILE_MS = 500;
const OLD_FILE_LOOKS = 6;

/**
 * `KGSYNC_ON_REMOTE_CHANGE=signal`: writes the bucket's graph under the running app, which is then told to read it. Ours is
 * pushed first, so that the bucket's graph holds it. From then on the app's view may be either of the two, until its next save
 * shows which. Answers whether there is something new to read. Never a write in place: one that meets a save of the app would
 * make a mixture of both. `over`: also over what was written in this way before, and the app has not saved since; base stays
 * its oldest view then, and of what it removes only that counts which both views have.
 */
export const adoptRemote = async (io: Io, folder: StateFolder, budget: Budget, over = false): Promise<boolean> => {
  if ((await learnRemote(io, folder, budget)).kind === "invalid") return false;
  const pushed = await pushGraph(io, folder, { final: false, allowed: undefined }, budget);
  if (pushed.kind !== "clean" && pushed.kind !== "stored") return false;
  const state = folder.current();
  const { base, remote } = state;
  if (remote === undefined || base.kind !== "content" || !isBehind(state)) return false;
  const bytes = await folder.readBase(remote.sha256);
  const [local, held] = await Promise.all([readLocal(io), baseGraph(folder)]);
  if (bytes === undefined || held === undefined || local.kind !== "valid") return false;
  const isOurs = over && local.sha256 === state.otherView;
  // The app has saved since: its next look comes first.
  if (!isOurs && !(await sameGraph(io, held, local.graph))) return false;
  await folder.replace({
    ...state,
    otherView: remote.sha256,
    intent: { kind: "disk", sha256: remote.sha256, base: remote.sha256 },
  });
  const swap = await io.files.swap(io.paths.graph, bytes, local.stamp);
  if (typeof swap === "string") {
    if (swap === "fixed")
      io.log.warn("adopt.single-file", "the graph cannot be replaced under the app: it is mounted as a single file", {
        hint: "Mount the folder that holds it, or set KGSYNC_ON_REMOTE_CHANGE=restart.",
      });
    await folder.replace({ ...folder.current(), otherView: state.otherView, intent: undefined });
    return false;
  }
  await folder.replace({ ...folder.current(), intent: undefined });
  try {
    return await watchOld(io, swap.readOld, { old: local.sha256, fresh: remote.sha256 }, budget);
  } finally {
    await swap.close();
  }
};

/** A save that went into the old file is put back where the app believes it to be: the next look finds it. */
const watchOld = async (
  io: Io,
  readOld: () => ReturnType<Io["files"]["read"]>,
  digests: { readonly old: Digest; readonly fresh: Digest },
  budget: Budget,
): Promise<boolean> => {
  for (let n = 0; n < OLD_FILE_LOOKS; n++) {
    await budget.attempt((signal) => io.clock.sleep(OLD_FILE_MS, signal));
    const read = await readOld();
    if (read.kind !== "still") continue;
    if (io.sha256(read.bytes) === digests.old) return true;
    if ((await io.inspect(read.bytes)).kind !== "valid") continue; // it is being written
    const now = await io.files.read(io.paths.graph);
    if (now.kind === "still" && io.sha256(now.bytes) === digests.fresh)
      await io.files.write(io.paths.graph, read.bytes);
    io.log.info("adopt.save-met", "the app saved while the file was replaced; its save is back in place");
    return false;
  }
  return false;
};
