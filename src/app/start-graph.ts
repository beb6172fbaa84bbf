import { KgsyncError } from "../core/errors.ts";
import { type Apply, applyStart } from "./apply-start.ts";
import type { Io } from "./io.ts";
import { reconcile } from "./reconcile.ts";
import type { StateFolder } from "./state-folder.ts";

const TRIES = 3;

/** Brings both sides of the graph together before the child starts: look, plan, do; again if they moved meanwhile. */
export const startGraph = async (io: Io, folder: StateFolder, apply: Apply): Promise<void> => {
  for (let n = 0; n < TRIES; n++)
    if ((await applyStart(io, folder, await reconcile(io, folder, apply.budget), apply)) === "done")
      return noteChild(folder, apply.child);
  throw new KgsyncError(
    "bucket-unavailable",
    `the graph in ${io.store.name} changed each time it was compared with the one on disk`,
    {
      hint: "Somebody writes it without pause. Start again; both sides are kept.",
    },
  );
};

/** Before it is spawned: a crash must not leave its save as somebody else's. Most plans have noted it with what they did. */
export const noteChild = async (folder: StateFolder, child: boolean): Promise<void> => {
  if (folder.current().child !== child) await folder.replace({ ...folder.current(), child });
};
