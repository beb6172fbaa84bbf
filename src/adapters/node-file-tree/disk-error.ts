import { KgsyncError, toKgsyncError } from "../../core/errors.ts";

/** What was being done to the path, as the message says it. */
export type DiskVerb = "read" | "write" | "list" | "lock" | "remove" | "look at" | "make durable" | "recover";

/** errno(3) names in words that tell a person what to change. */
const CAUSES: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EBUSY: "it is busy or a mount point",
  EDQUOT: "the disk quota is used up",
  EFBIG: "the file is larger than allowed here",
  EIO: "the disk reports an input/output error",
  EISDIR: "it is a folder (docker makes a folder where a bind-mounted file is missing)",
  ELOOP: "it is a symbolic link, or too many of them",
  EMFILE: "too many open files in this process",
  ENAMETOOLONG: "the name is too long",
  ENFILE: "too many open files on this machine",
  ENODEV: "it is not a regular file",
  ENOENT: "it does not exist",
  ENOSPC: "no space left on the device",
  ENOTDIR: "a part of the path is not a folder",
  EPERM: "the operation is not permitted",
  EROFS: "the file system is read-only",
  ESTALE: "the network mount has lost it",
};

const HINTS: Readonly<Record<string, string>> = {
  EISDIR: "Remove the folder and put the file in its place, or mount the folder that holds it; then start again.",
  EMFILE: "Raise the limit of open files (`ulimit -n`) and start again; the old file is intact.",
  ENODEV: "Put a regular file in the place of the named path and start again; nothing was changed.",
  ENOTDIR: "Correct the path in the settings, or remove the file that stands in the folder's place.",
};

/** The errno name of a thrown value (`ENOSPC`), or `undefined` when it has none. */
export const errnoOf = (thrown: unknown): string | undefined =>
  thrown instanceof Error && "code" in thrown && typeof thrown.code === "string" ? thrown.code : undefined;

/**
 * The thrown value as KgsyncError `disk`, naming path and cause. A KgsyncError passes unchanged; what has no errno is a
 * defect of ours (`bug`).
 */
export const diskError = (verb: DiskVerb, path: string, cause: unknown): KgsyncError => {
  if (cause instanceof KgsyncError) return cause;
  const errno = errnoOf(cause);
  if (errno === undefined) return toKgsyncError(cause);
  const intact = verb === "write" ? "; the old file is intact" : "";
  const hint = HINTS[errno];
  return new KgsyncError("disk", `cannot ${verb} ${path}: ${CAUSES[errno] ?? "the disk refused"} (${errno})${intact}`, {
    cause,
    ...(hint === undefined ? {} : { hint }),
  });
};

/** An error as the kernel would give it, for what we find out before asking it. */
export const errnoError = (errno: string, path: string): Error =>
  Object.assign(new Error(`${errno}: ${path}`), { code: errno });

/** Does `act`; what it throws becomes KgsyncError `disk` about `path`. */
export const onDisk = async <T>(verb: DiskVerb, path: string, act: () => Promise<T>): Promise<T> => {
  try {
    return await act();
  } catch (cause) {
    throw diskError(verb, path, cause);
  }
};

/** What `act` gives, or `undefined` when the path does not exist. Everything else is thrown on. */
export const unlessAbsent = async <T>(act: () => Promise<T>): Promise<T | undefined> => {
  try {
    return await act();
  } catch (cause) {
    if (errnoOf(cause) === "ENOENT") return undefined;
    throw cause;
  }
};
