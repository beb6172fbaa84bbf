import { parseKey } from "../../core/key.ts";
import { currentVersion } from "./current-version.ts";
import { unless } from "./disk-error.ts";
import { readStagedRecord } from "./head-version.ts";
import type { Place } from "./place.ts";

/** Nanoseconds after which a write that has not ended never will. */
const STALE = 24n * 3_600_000_000_000n;

const GONE = ".gone";

const sweepOne = async (place: Place, id: string, signal: AbortSignal): Promise<void> => {
  const { disk } = place;
  const key = parseKey((await readStagedRecord(place, id))?.key ?? "");
  if (key !== undefined) await currentVersion(place, key, signal); // projects it, if it is the head
  const gone = `${place.write(id)}${GONE}`;
  await disk.rename(place.write(id), gone); // from here on a paused writer cannot commit it any more
  const links = await unless(["ENOENT"], undefined, () => disk.lstat(`${gone}/record`));
  const body = await unless(["ENOENT"], undefined, () => disk.lstat(`${gone}/body`));
  // Committed in between: then its body is the content.
  if (links !== undefined && links.nlink > 1 && body !== undefined) await disk.rename(gone, place.write(id));
  else await disk.rm(gone, { recursive: true, force: true });
};

/**
 * Removes what writers that crashed left a day ago, so that a container that crashes again and again does not fill a
 * shared disk. Ages are compared on the file system's own clock: `now` is the time of a file written just now.
 * Failing is no failure of the put that it follows.
 */
export const sweep = async (place: Place, now: bigint, signal: AbortSignal): Promise<void> => {
  for (const id of await place.disk.readdir(place.writes).catch(() => [])) {
    if (signal.aborted) return;
    const found = await place.disk.lstat(`${place.writes}/${id}`, { bigint: true }).catch(() => undefined);
    if (found === undefined || now - found.mtimeNs < STALE) continue;
    if (id.endsWith(GONE))
      await place.disk.rm(`${place.writes}/${id}`, { recursive: true, force: true }).catch(() => {});
    else await sweepOne(place, id, signal).catch(() => {});
  }
};
