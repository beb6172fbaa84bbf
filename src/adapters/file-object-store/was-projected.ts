import { contentFile } from "./current-version.ts";
import { readRecord } from "./head-version.ts";
import type { Place } from "./place.ts";
import { project } from "./project.ts";
import { sameStamp } from "./stamp.ts";
import type { VersionRecord } from "./version-record.ts";

/**
 * Projects a version just committed. False when it cannot be shown that it ever was the plain file: somebody put
 * another file there between the check and the commit, which stays; the writer has to read and merge.
 */
export const wasProjected = async (place: Place, record: VersionRecord): Promise<boolean> => {
  const path = place.plain(record.key);
  await project(place, record, (await contentFile(place, path))?.stamp);
  if (sameStamp((await contentFile(place, path))?.stamp, record.content?.stamp)) return true;
  // Another process may have projected it, and a next version may have replaced it already.
  const next = await readRecord(place, place.version(record.key, record.number + 1));
  return next?.replaces !== undefined && sameStamp(next.replaces, record.content?.stamp);
};
