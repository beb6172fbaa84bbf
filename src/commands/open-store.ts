import { createMeteredObjectStore } from "../adapters/metered-object-store.ts";
import { createRetryingObjectStore } from "../adapters/retrying-object-store.ts";
import { wordForKey } from "../app/keys.ts";
import type { Config } from "../config/schema.ts";
import type { KgsyncError } from "../core/errors.ts";
import type { Log } from "../ports/log.ts";
import type { Metrics } from "../ports/metrics.ts";
import type { ObjectStore } from "../ports/object-store.ts";
import type { Progress } from "../ports/progress.ts";
import type { Program } from "./program.ts";
import { placesOf } from "./resolve-paths.ts";
import type { OpenedStore } from "./stores/opened-store.ts";

/** The bucket's client is loaded only when its scheme is used: the SDK alone costs more than all the rest. */
export const openStore = async (
  program: Program,
  config: Config,
  log: Log,
  metrics?: Metrics,
): Promise<OpenedStore> => {
  const { clock, random, progress } = program;
  const { store, ...rest } = await openClient(program, config);
  const metered = metrics === undefined ? store : createMeteredObjectStore(store, clock, metrics);
  const retrying = createRetryingObjectStore(metered, clock, random, sayOnce(log));
  return { store: progress === undefined ? retrying : await watch(retrying, progress, config), ...rest };
};

const watch = async (store: ObjectStore, progress: Progress, config: Config): Promise<ObjectStore> => {
  const { createWatchedObjectStore } = await import("../adapters/watched-object-store.ts");
  return createWatchedObjectStore(store, progress, wordForKey(placesOf(config)));
};

/** One line for each reason why the bucket is waited for, not one for each try, nor for each of the requests that wait at once. */
const sayOnce = (log: Log): ((error: KgsyncError) => void) => {
  let said = "";
  return (err) => {
    const reason = `${err.code} ${err.message.slice(err.message.lastIndexOf(": ") + 1)}`;
    if (reason === said) return;
    said = reason;
    log.warn("bucket.retry", "the bucket did not answer as it should; trying again", { err });
  };
};

/** The same without the retries: for asking what the bucket says at once. One line for each scheme, with a file of its own. */
export const openClient = async (program: Program, config: Config): Promise<OpenedStore> => {
  const { bucket } = config;
  switch (bucket.scheme) {
    case "s3":
      return (await import("./stores/open-s3.ts")).openS3(bucket, program, config);
    case "file":
      return (await import("./stores/open-file.ts")).openFile(bucket, program, config);
    case "az":
      return (await import("./stores/open-az.ts")).openAz(bucket, program, config);
    case "gs":
      return (await import("./stores/open-gs.ts")).openGs(bucket, program, config);
    case "git":
      return (await import("./stores/open-git.ts")).openGit(bucket, program, config);
  }
};
