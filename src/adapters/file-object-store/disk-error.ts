import { type ErrorCode, KgsyncError } from "../../core/errors.ts";

/** errno(3) names for which a second try, by the same process in the same folder, has the same end. */
const DENIED: ReadonlySet<string> = new Set([
  "EACCES",
  "EPERM",
  "EROFS",
  "ELOOP",
  "EISDIR",
  "ENOTDIR",
  "ENAMETOOLONG",
  "EXDEV",
  "ENOTSUP",
  "EOPNOTSUPP",
  "ENOSYS",
  "EMLINK",
]);

/** The errno(3) name of a thrown value, such as `ENOENT`; undefined when it has none. */
export const errnoOf = (thrown: unknown): string | undefined =>
  thrown instanceof Error && "code" in thrown && typeof thrown.code === "string" && !(thrown instanceof KgsyncError)
    ? thrown.code
    : undefined;

const HINT: Partial<Record<ErrorCode, string>> = {
  "bucket-denied":
    "Check the owner and mode of the bucket's folder, that it is mounted writable, and that its file system has hard links.",
  "bucket-unavailable": "Check the disk or share that holds the bucket's folder: its space and its connection.",
};

/** A system error as the port's; KgsyncErrors pass. `what` says what was tried, with the path. */
export const toBucketError = (thrown: unknown, what: string): KgsyncError => {
  if (thrown instanceof KgsyncError) return thrown;
  const errno = errnoOf(thrown);
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  if (errno === undefined) return new KgsyncError("bug", `${what}: ${text}`, { cause: thrown });
  const code = DENIED.has(errno) ? "bucket-denied" : "bucket-unavailable";
  return new KgsyncError(code, `${what}: ${text}`, { cause: thrown, hint: HINT[code] ?? "" });
};

/** Runs the call; `instead` when it fails with one of the errno names. */
export const unless = async <T, U>(errnos: readonly string[], instead: U, call: () => Promise<T>): Promise<T | U> => {
  try {
    return await call();
  } catch (thrown) {
    if (errnos.includes(errnoOf(thrown) ?? "")) return instead;
    throw thrown;
  }
};
