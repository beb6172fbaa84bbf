import type { Flags } from "../config/read-setting.ts";
import { KgsyncError } from "../core/errors.ts";
import { parseWords } from "./parse-words.ts";

/** What `kgsync copy` is to do. The source is in the settings, as the bucket. */
export type CopyRequest = { readonly to: string; readonly dryRun: boolean; readonly json: boolean };

/** Reads its own options. Throws KgsyncError `usage`. */
export const parseCopy = (args: readonly string[]): ({ readonly flags: Flags } & CopyRequest) | "help" => {
  const { flags, own, rest } = parseWords("copy", args, { valued: [], plain: ["help", "json", "dry-run"] }, 2);
  if (own.has("help")) return "help";
  const [from, to] = rest;
  if (from === undefined || to === undefined)
    throw new KgsyncError("usage", "kgsync copy needs two buckets: where from, and where to.", {
      hint: "For example: kgsync copy s3://my-bucket/my-app file:///mnt/shared/my-app",
    });
  if (flags["bucket"] !== undefined)
    throw new KgsyncError("usage", "kgsync copy takes no --bucket: the two buckets stand behind the options.");
  return { flags: { ...flags, bucket: from }, to, dryRun: own.has("dry-run"), json: own.has("json") };
};
