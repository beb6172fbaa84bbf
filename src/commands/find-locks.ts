import { accessSync, constants, mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { isMountPoint } from "../adapters/is-mount-point.ts";
import { errnoOf, onDisk } from "../adapters/node-file-tree/disk-error.ts";
import { findRealPath } from "../adapters/node-file-tree/real-path.ts";
import { createOwnerLock } from "../adapters/owner-lock/owner-lock.ts";
import type { Answer } from "../adapters/owner-lock/serve-socket.ts";
import type { Paths } from "../app/io.ts";
import type { Log } from "../ports/log.ts";
import type { OwnerLock } from "../ports/owner-lock.ts";
import { findBeside } from "./find-beside.ts";
import { type Program, writerName } from "./program.ts";

/** A lock, and the folder that it is in, for messages. */
export type PlacedLock = { readonly folder: string; readonly lock: OwnerLock };

/**
 * The owner locks that the files need, in the order in which they are to be taken. The one in the state folder is not enough
 * where that is not the default one: another wrapper on the same graph may have another. So the graph has one too, where
 * its default state folder would be, and it comes first: two wrappers that share the graph never hold one lock each.
 * Makes that folder. `answer`: to what others ask over its socket. Rejects with KgsyncError `disk`.
 */
export const findLocks = (program: Program, paths: Paths, log: Log, answer?: Answer): Promise<readonly PlacedLock[]> =>
  onDisk("lock", paths.graph, () => find(program, paths, log, answer));

const find = async (program: Program, paths: Paths, log: Log, answer?: Answer): Promise<readonly PlacedLock[]> => {
  const { clock, random } = program;
  const options = { name: writerName(program), clock, random, ...(answer === undefined ? {} : { answer }) };
  const place = (folder: string): PlacedLock => ({ folder, lock: createOwnerLock({ folder, ...options }) });
  const { graph, beside } = await findBeside(paths);
  if (findRealPath(paths.state) === beside || isSame(paths.state, beside)) return [place(paths.state)];
  const why = unfit(graph, beside);
  if (why === undefined) return [place(beside), place(paths.state)];
  log.warn("own.state-only", "a kgsync with another state folder would not be noticed", {
    graph: paths.graph,
    state: paths.state,
    why,
  });
  return [place(paths.state)];
};

/** Why no lock beside the graph would be seen by others, or none can be made. */
const unfit = (graph: string, beside: string): string | undefined => {
  if (isMountPoint(graph)) return "the graph is a mount of its own: its folder is not shared with it";
  try {
    mkdirSync(beside, { mode: 0o700 });
  } catch (thrown) {
    const errno = errnoOf(thrown);
    if (errno === "EACCES" || errno === "EPERM" || errno === "EROFS") return cannotWrite(graph, errno);
  }
  try {
    accessSync(beside, constants.W_OK);
  } catch (thrown) {
    // Permissions alone may keep us out of a folder that another wrapper, of another user, has its lock in: no way round.
    if (errnoOf(thrown) === "EROFS") return cannotWrite(graph, "EROFS");
  }
  return undefined;
};

const cannotWrite = (graph: string, errno: string): string => `${dirname(graph)} cannot be written (${errno})`;

/** The same folder by two ways, as where it is mounted twice. */
const isSame = (one: string, other: string): boolean => {
  const [a, b] = [one, other].map((path) => statSync(path, { bigint: true, throwIfNoEntry: false }));
  return a !== undefined && b !== undefined && a.dev === b.dev && a.ino === b.ino;
};
