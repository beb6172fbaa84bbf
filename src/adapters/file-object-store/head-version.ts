import { KgsyncError } from "../../core/errors.ts";
import { unless } from "./disk-error.ts";
import type { Place } from "./place.ts";
import { parseRecord, type VersionRecord } from "./version-record.ts";

const NUMBER = /^[1-9]\d*$/;

/** The numbers that a key has records of, in any order. */
export const versionNumbers = async ({ disk, versions }: Place, key: string): Promise<readonly number[]> => {
  const names = await unless(["ENOENT", "ENOTDIR"], [], () => disk.readdir(versions(key)));
  return names.filter((name) => NUMBER.test(name)).map(Number);
};

/** The highest number, which never falls; 0 when this store never wrote the key. */
export const headNumber = async (place: Place, key: string): Promise<number> =>
  (await versionNumbers(place, key)).reduce((a, b) => Math.max(a, b), 0);

/** The record in the file; undefined when it is gone (replaced and cleaned away since it was seen). */
export const readRecord = async ({ disk }: Place, path: string): Promise<VersionRecord | undefined> => {
  const source = await unless(["ENOENT", "ENOTDIR"], undefined, () => disk.readFile(path, "utf8"));
  if (source === undefined) return undefined;
  try {
    return parseRecord(source);
  } catch (cause) {
    throw new KgsyncError("bucket-denied", `${path} is not a version record that this kgsync knows`, {
      cause,
      hint: "A newer kgsync may have written it: use that one. Else move the file away; the plain file stays the content.",
    });
  }
};

/** The record of a write on its way; undefined when there is none that can be read yet: it may be half written. */
export const readStagedRecord = (place: Place, id: string): Promise<VersionRecord | undefined> =>
  readRecord(place, place.record(id)).catch((error: unknown) => {
    if (error instanceof KgsyncError) return undefined;
    throw error;
  });
