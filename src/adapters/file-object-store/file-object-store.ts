import * as nodeDisk from "node:fs/promises";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { KgsyncError } from "../../core/errors.ts";
import type { ListedObject, ObjectStore, PutOutcome } from "../../ports/object-store.ts";
import type { Random } from "../../ports/random.ts";
import { deleteObject } from "./delete-object.ts";
import { toBucketError } from "./disk-error.ts";
import { listObjects } from "./list-objects.ts";
import { createPlace, type Disk } from "./place.ts";
import { type PutWatch, putObject } from "./put-object.ts";
import { fetchObject, getObject, headObject, peekObject } from "./read-object.ts";
import { sweep } from "./sweep.ts";

export type FileObjectStoreOptions = {
  readonly random: Pick<Random, "id">;
  /** For tests: the disk, or one that fails. */
  readonly disk?: Disk;
};

const aborted = (what: string, signal: AbortSignal): KgsyncError =>
  new KgsyncError("bucket-unavailable", `${what} was aborted`, { cause: signal.reason });

/** Runs the work; does not wait for it after the abort (a call on a dead share may never return). Errors as the port says. */
const guard = async <T>(what: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> => {
  if (signal.aborted) throw aborted(what, signal);
  let stop = (): void => {};
  const stopped = new Promise<never>((_, reject) => {
    stop = () => reject(aborted(what, signal));
    signal.addEventListener("abort", stop, { once: true });
  });
  try {
    return await Promise.race([work(), stopped]);
  } catch (thrown) {
    throw signal.aborted && thrown === signal.reason ? aborted(what, signal) : toBucketError(thrown, what);
  } finally {
    signal.removeEventListener("abort", stop);
  }
};

/**
 * A bucket in a folder (`file:///mnt/shared/kg`): on the own disk, or on a share that keeps POSIX rename and link (NFS, EFS).
 * Objects are ordinary files, so that `cp` and `ls` work beside this program. Compare-and-set is link(2) of a numbered
 * version; there is no lock that could be taken from a paused holder. A plain file that is not the newest version is a
 * foreign one (somebody used `cp`): it is the content, with an etag of its own. Only a `cp` in the very instant of our
 * rename is not seen. A missing folder is an empty bucket, made by the first write.
 */
export const createFileObjectStore = (folder: string, { random, disk }: FileObjectStoreOptions): ObjectStore => {
  const place = createPlace(resolve(folder), disk ?? nodeDisk);
  let swept = false;
  const at = (verb: string, key: string): string => `${verb} ${place.plain(key)}`;
  return {
    name: pathToFileURL(place.root).href,
    get: (key, signal) => guard(at("get", key), signal, () => getObject(place, key, signal)),
    peek: (key, limit, signal) => guard(at("get", key), signal, () => peekObject(place, key, limit, signal)),
    fetch: (key, version, target, signal) =>
      guard(at("get", key), signal, () => fetchObject(place, key, version, target, signal)),
    head: (key, signal) => guard(at("head", key), signal, () => headObject(place, key, signal)),
    list: async function* (prefix, signal): AsyncGenerator<ListedObject> {
      const rows = listObjects(place, prefix, signal);
      for (;;) {
        const row = await guard(at("list", prefix), signal, () => rows.next());
        if (row.done === true) return;
        yield row.value;
      }
    },
    put: async (key, body, mode, options, signal): Promise<PutOutcome> => {
      let sent = false;
      const request = { key, body, mode, options };
      const watch: PutWatch = {
        sent: () => {
          sent = true;
        },
        staged: async (begun) => {
          if (swept) return;
          swept = true;
          await sweep(place, begun, signal);
        },
      };
      try {
        return await guard(at("put", key), signal, () => putObject(place, random.id(), request, signal, watch));
      } catch (cause) {
        // We did not wait for the end, and it may be the good one: only a look can tell.
        if (sent && signal.aborted) return { outcome: "unknown", cause };
        throw cause;
      }
    },
    delete: (key, signal) =>
      guard(at("delete", key), signal, () => deleteObject(place, () => random.id(), key, signal)),
    close: () => {},
  };
};
