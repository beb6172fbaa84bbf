import { KgsyncError } from "../../core/errors.ts";
import type { Body } from "../../ports/object-store.ts";
import { toCopyError } from "./git-error.ts";
import type { RunGit } from "./run-git.ts";

/** Bytes that are in memory at a time when a body is read piece by piece. */
const PIECE = 4 << 20;

const pieces = async function* (body: Exclude<Body, Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < body.size; ) {
    const piece = await unlessAborted(body.read(at, Math.min(PIECE, body.size - at)), signal);
    if (piece.length === 0) throw new KgsyncError("disk", `the body gave nothing at byte ${at} of ${body.size}`);
    yield piece;
    at += piece.length;
  }
};

/** A disk that does not answer must not keep git waiting for its input. */
const unlessAborted = async <T>(work: Promise<T>, signal: AbortSignal): Promise<T> => {
  let stop = (): void => undefined;
  const stopped = new Promise<never>((_, reject) => {
    stop = () => reject(new KgsyncError("bucket-unavailable", "aborted", { cause: signal.reason }));
    signal.addEventListener("abort", stop, { once: true });
  });
  try {
    return await Promise.race([work, stopped]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
};

/** Writes the body into the repository's copy and answers its id. Nobody sees it until a commit names it. */
export const stageBlob = async (git: RunGit, body: Body, signal: AbortSignal): Promise<string> => {
  const input = body instanceof Uint8Array ? body.slice() : pieces(body, signal);
  const run = await git(["hash-object", "-w", "--stdin"], { signal, input });
  const id = run.stdout.toString("latin1").trim();
  if (run.code !== 0 || !/^[0-9a-f]{40,64}$/.test(id)) throw toCopyError("write a blob", run);
  return id;
};
