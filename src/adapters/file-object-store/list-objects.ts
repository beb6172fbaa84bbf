import { join } from "node:path";
import { parseKey } from "../../core/key.ts";
import type { ListedObject } from "../../ports/object-store.ts";
import { contentFile, currentVersion } from "./current-version.ts";
import { unless } from "./disk-error.ts";
import { wayIsThere } from "./folders.ts";
import { headNumber, readStagedRecord } from "./head-version.ts";
import { HIDDEN, type Place } from "./place.ts";
import { etagOf } from "./stamp.ts";

/** Files looked at together: enough to hide the latency of a share. */
const AT_ONCE = 32;

/** Projects what a crash left committed: a listing sees plain files only. */
const finishWrites = async (place: Place, signal: AbortSignal): Promise<void> => {
  for (const id of await unless(["ENOENT"], [], () => place.disk.readdir(place.writes))) {
    const record = await readStagedRecord(place, id);
    const key = parseKey(record?.key ?? "");
    if (key === undefined || record === undefined) continue;
    if ((await headNumber(place, key)) === record.number) await currentVersion(place, key, signal);
  }
};

/** Names of the regular files below the folder that start with the prefix. Links are not followed: they lead out. */
const names = async function* (place: Place, folder: string, prefix: string): AsyncGenerator<string> {
  const entries = await unless(["ENOENT", "ENOTDIR"], [], () =>
    place.disk.readdir(join(place.root, folder), { withFileTypes: true }),
  );
  for (const entry of entries) {
    const name = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (name === HIDDEN) continue;
    if (entry.isFile() && name.startsWith(prefix)) yield name;
    const below = `${name}/`;
    if (entry.isDirectory() && (below.startsWith(prefix) || prefix.startsWith(below)))
      yield* names(place, name, prefix);
  }
};

/** Beside a writer the number and the file may be of two versions: that etag is nobody's, and costs its user a look. */
const listOne = async (place: Place, name: string): Promise<ListedObject | undefined> => {
  const number = await headNumber(place, name);
  const file = await contentFile(place, join(place.root, name)).catch(() => undefined); // turned into a link just now
  if (file === undefined) return undefined;
  return { name, size: file.stamp.size, etag: etagOf(number, file.stamp), modified: file.mtimeMs };
};

/** Lists without reading any content. */
export const listObjects = async function* (
  place: Place,
  prefix: string,
  signal: AbortSignal,
): AsyncGenerator<ListedObject> {
  signal.throwIfAborted();
  const folder = prefix.slice(0, Math.max(0, prefix.lastIndexOf("/")));
  const parts = folder.split("/");
  // No object has such a name, and `..` would list what is not in the bucket.
  if (parts[0] === HIDDEN || parts.includes("..") || parts.includes(".")) return;
  if (!(await wayIsThere(place, folder === "" ? "any" : `${folder}/any`))) return;
  await finishWrites(place, signal);
  let batch: Promise<ListedObject | undefined>[] = [];
  for await (const name of names(place, folder, prefix)) {
    signal.throwIfAborted();
    batch.push(listOne(place, name));
    if (batch.length < AT_ONCE) continue;
    for (const found of await Promise.all(batch)) if (found !== undefined) yield found;
    batch = [];
  }
  for (const found of await Promise.all(batch)) if (found !== undefined) yield found;
};
