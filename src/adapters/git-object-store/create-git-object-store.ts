import { toKgsyncError } from "../../core/errors.ts";
import type { ListedObject, ObjectStore, PutOutcome } from "../../ports/object-store.ts";
import { readWholly } from "../transfer/read-wholly.ts";
import { commitJobs } from "./commit-jobs.ts";
import { createGather } from "./gather.ts";
import { remoteName } from "./git-remote.ts";
import { guard } from "./guard.ts";
import { readBlobs } from "./read-blobs.ts";
import { createReadSidecars } from "./read-sidecars.ts";
import { createRepository, type RepositoryOptions } from "./repository.ts";
import { etagOf, type TreeObject } from "./snapshot.ts";
import { stageBlob } from "./stage-blob.ts";

/** Pushes after which the copy is looked at for what has gathered in it. */
const TIDY_EVERY = 200;

/**
 * A branch of a Git repository as a bucket: each object is a file of the newest commit, and each write a commit on top of it,
 * pushed on condition that the branch is still where it was. A branch that is not there is an empty bucket. Writes that come
 * together go in one commit. git itself is run for everything, on a bare and shallow copy, without a work tree.
 */
export const createGitObjectStore = (
  options: RepositoryOptions,
): ObjectStore & { readonly tidy: (signal: AbortSignal) => Promise<void> } => {
  const repository = createRepository(options);
  const { look, copy } = repository;
  const sidecars = createReadSidecars();
  const name = remoteName(options.remote);
  const at = (verb: string, key: string): string => `${verb} ${key} in ${name}`;
  let pushes = 0;
  const { enqueue, staging } = createGather(options.clock, repository.alone, async (jobs, signal) => {
    await commitJobs({ ...options, ...repository }, jobs, signal);
    if (++pushes % TIDY_EVERY === 0) void repository.tidy(new AbortController().signal).catch(() => undefined);
  });
  const metaOf = async (object: TreeObject, signal: AbortSignal) => {
    const [sidecar] = await sidecars((await copy()).git, [object], signal);
    return { etag: etagOf(object), size: object.size, metadata: sidecar?.metadata ?? {} };
  };
  const listed = async (prefix: string, signal: AbortSignal): Promise<readonly ListedObject[]> => {
    const { objects, committed } = await look(signal);
    const rows = [...objects].filter(([key]) => key.startsWith(prefix));
    const found = await sidecars(
      (await copy()).git,
      rows.map(([, object]) => object),
      signal,
    );
    return rows.map(([key, object], index) => {
      const modified = found[index]?.written ?? committed;
      return { name: key, size: object.size, etag: etagOf(object), modified };
    });
  };
  const get: ObjectStore["get"] = (key, signal) =>
    guard(at("get", key), signal, async () => {
      const object = (await look(signal)).objects.get(key);
      if (object === undefined) return undefined;
      const { git } = await copy();
      const [meta, [body]] = await Promise.all([metaOf(object, signal), readBlobs(git, [object.blob], signal)]);
      return body === undefined ? undefined : { ...meta, body: new Uint8Array(body) };
    });
  return {
    name,
    get,
    ...readWholly(get),
    head: (key, signal) =>
      guard(at("head", key), signal, async () => {
        const object = (await look(signal)).objects.get(key);
        return object === undefined ? undefined : metaOf(object, signal);
      }),
    list: async function* (prefix, signal): AsyncGenerator<ListedObject> {
      yield* await guard(at("list", prefix), signal, () => listed(prefix, signal));
    },
    put: async (key, body, mode, { metadata }, signal): Promise<PutOutcome> => {
      let sent = false;
      try {
        return await guard(at("put", key), signal, async () => {
          const blob = await staging(async () => stageBlob((await copy()).git, body, signal));
          const size = body instanceof Uint8Array ? body.length : body.size;
          const begun = (): void => {
            sent = true;
          };
          return new Promise((answer, fail) =>
            enqueue({ key, put: { blob, size, mode, metadata }, signal, sent: begun, answer, fail }),
          );
        });
      } catch (cause) {
        // We did not wait for the end, and it may be the good one: only a look can tell.
        if (sent && signal.aborted) return { outcome: "unknown", cause };
        throw toKgsyncError(cause);
      }
    },
    delete: (key, signal) =>
      guard(
        at("delete", key),
        signal,
        () =>
          new Promise<void>((answer, fail) =>
            enqueue({ key, put: undefined, signal, sent: () => undefined, answer: () => answer(), fail }),
          ),
      ),
    close: repository.close,
    tidy: repository.tidy,
  };
};
