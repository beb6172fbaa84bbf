import { tmpdir } from "node:os";
import { nodeSha256, nodeSha256Stream } from "../adapters/node-sha256.ts";
import { createScratchFiles } from "../adapters/scratch-file.ts";
import { copyStore } from "../app/copy-store.ts";
import { readBucketUrl } from "../config/read-bucket-url.ts";
import type { Config } from "../config/schema.ts";
import { KgsyncError } from "../core/errors.ts";
import type { Log } from "../ports/log.ts";
import { openStore } from "./open-store.ts";
import type { CopyRequest } from "./parse-copy.ts";
import type { Program } from "./program.ts";
import { isWhole, renderCopy } from "./render-copy.ts";
import { placesOf } from "./resolve-paths.ts";

/** The longest that one request may take; one object, with all tries, has KGSYNC_START_TIMEOUT for each 32 MiB. */
const ATTEMPT_MS = 120_000;

/**
 * `kgsync copy`: the whole state from one store to another, verified. Touches no local file, so it needs no lock. Resolves with
 * 0 when everything is there, else with 75.
 */
export const copy = async (
  program: Program,
  config: Config,
  log: Log,
  { to: target, dryRun, json }: CopyRequest,
  signal: AbortSignal,
): Promise<number> => {
  const { clock, random, progress } = program;
  const bucket = readBucketUrl(target);
  if ("problem" in bucket)
    throw new KgsyncError("usage", `the second bucket, ${withoutUser(target)}, ${bucket.problem}`);
  const { store: from } = await openStore(program, config, log);
  const { store: to } = await openStore(program, { ...config, bucket: bucket.value }, log);
  try {
    if (isInside(from.name, to.name))
      throw new KgsyncError("usage", `${to.name} and ${from.name} are one place, or one lies in the other`, {
        hint: "Name another bucket or prefix as the target.",
      });
    const documents = placesOf(config).map(({ key }) => key);
    const rules = { dryRun, documents: documents.reverse(), objectMs: config.startTimeout, attemptMs: ATTEMPT_MS };
    const io = {
      clock,
      random,
      sha256: nodeSha256,
      sha256Stream: nodeSha256Stream,
      scratch: createScratchFiles(tmpdir()),
    };
    const report = await copyStore({ ...io, from, to }, rules, progress, signal);
    program.print(renderCopy({ report, from: from.name, to: to.name, dryRun, json }));
    return isWhole(report) ? 0 : 75;
  } finally {
    from.close();
    to.close();
  }
};

/** A text that was refused may be one with credentials in it. */
const withoutUser = (text: string): string => text.replace(/^([a-z0-9+]+:\/\/)[^/]*@/i, "$1***@");

/** Store names are URLs, of some with the server's behind them. */
const isInside = (a: string, b: string): boolean => {
  const [[urlA = "", ...atA], [urlB = "", ...atB]] = [a.split(" "), b.split(" ")];
  if (atA.join(" ") !== atB.join(" ")) return false;
  return `${urlA}/`.startsWith(`${urlB}/`) || `${urlB}/`.startsWith(`${urlA}/`);
};
