import type { Key } from "../../core/key.ts";
import { commit, forgetOld } from "./commit.ts";
import { currentVersion } from "./current-version.ts";
import type { Place } from "./place.ts";
import { project, retire } from "./project.ts";
import { stageNothing, stageRecord } from "./stage.ts";

/**
 * A deletion is a version too, and its number stays: a key that comes back must not get an old etag again.
 * Deletes whatever is there, so it goes on until it wins.
 */
export const deleteObject = async (place: Place, newId: () => string, key: Key, signal: AbortSignal): Promise<void> => {
  for (;;) {
    const now = await currentVersion(place, key, signal);
    if (now.file === undefined) return;
    const id = newId();
    let committed = false;
    try {
      await stageNothing(place, id);
      const record = { id, key, number: now.number + 1, replaces: now.file.stamp, content: undefined };
      await stageRecord(place, record);
      signal.throwIfAborted();
      committed = (await commit(place, record)) === "committed";
      if (!committed) continue;
      await project(place, record, now.file.stamp);
      await forgetOld(place, key);
      return;
    } finally {
      if (!committed) await retire(place, id).catch(() => {});
    }
  }
};
