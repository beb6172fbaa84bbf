import { basename } from "node:path";
import { unless } from "./disk-error.ts";
import { makeFolders, syncFolder } from "./folders.ts";
import { headNumber, readRecord, versionNumbers } from "./head-version.ts";
import { HIDDEN, type Place } from "./place.ts";
import type { VersionRecord } from "./version-record.ts";

/** Numbers below the head whose records are kept. */
export const KEPT = 16;

/**
 * Makes the staged record the head: link(2) of its number, which fails when the number is taken, on NFS too.
 *
 * Old numbers are removed, so a writer that was paused just before its link may link one that had been used: it is
 * below the head then, and nobody ever sees it. It must not believe that it won, though. A number is removed only when
 * the head is `KEPT` beyond it: as long as the head is nearer than that after our link, the number had never been used
 * before. Else (`unsure`) either that happened, or so many others followed us at once.
 * Rejects only when it is not linked.
 */
export const commit = async (place: Place, record: VersionRecord): Promise<"committed" | "lost" | "unsure"> => {
  const { key, number, id } = record;
  const { path: folder } = await makeFolders(place, [HIDDEN, "versions", basename(place.versions(key))]);
  if ((await headNumber(place, key)) !== number - 1) return "lost";
  return await linkVersion(place, { key, number, id }, folder);
};

/** Errors after which a link may be there all the same: the share was lost on the way back. */
const MAYBE = ["EIO", "ESTALE", "ETIMEDOUT", "EINTR"];

/** The link and what follows it: apart, because the pause that matters lies just before it. */
export const linkVersion = async (
  place: Place,
  { key, number, id }: Pick<VersionRecord, "key" | "number" | "id">,
  folder: string,
): Promise<"committed" | "lost" | "unsure"> => {
  const path = place.version(key, number);
  const link = async () => place.disk.link(place.record(id), path);
  const answer = await unless(MAYBE, "maybe", () => unless(["EEXIST"], "taken", link));
  if (answer === "maybe") return "unsure";
  try {
    // An NFS client that sends the request twice is told EEXIST of its own link.
    if (answer === "taken" && (await readRecord(place, path))?.id !== id) return "lost";
    await syncFolder(place.disk, folder);
    return (await headNumber(place, key)) - number < KEPT ? "committed" : "unsure";
  } catch {
    return "unsure"; // linked, but whether it would outlive a power cut is not known
  }
};

/** Removes the records far enough below the head. They are never read: only their names matter. */
export const forgetOld = async (place: Place, key: string): Promise<void> => {
  const numbers = await versionNumbers(place, key);
  const head = numbers.reduce((a, b) => Math.max(a, b), 0);
  for (const number of numbers.filter((each) => each <= head - KEPT)) {
    await unless(["ENOENT"], undefined, () => place.disk.unlink(place.version(key, number)));
  }
};
