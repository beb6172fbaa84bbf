import type { Flags } from "../config/read-setting.ts";
import { KgsyncError } from "../core/errors.ts";
import type { ParsedFlags } from "./parse-flags.ts";

/** What `kgsync prune` is to do. */
export type PruneRequest = {
  readonly dryRun: boolean;
  readonly json: boolean;
  /** `undefined`: backups are left alone. */
  readonly keepBackups: number | undefined;
};

const COUNT = /^[1-9][0-9]{0,5}$/;

/** Reads its own options. Throws KgsyncError `usage`. */
export const toPrune = ({ flags, own }: ParsedFlags): { readonly flags: Flags } & PruneRequest => {
  const keep = own.get("keep-backups");
  if (keep !== undefined && !COUNT.test(keep))
    throw new KgsyncError("usage", "--keep-backups needs a number from 1: how many of the newest backups stay.");
  return {
    flags,
    dryRun: own.has("dry-run"),
    json: own.has("json"),
    keepBackups: keep === undefined ? undefined : Number(keep),
  };
};
