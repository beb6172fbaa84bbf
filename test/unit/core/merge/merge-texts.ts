import { merge } from "../../../../src/core/merge/merge.ts";
import type { Conflict, MergeOptions, Side } from "../../../../src/core/merge/merge-types.ts";

export type MergedTexts = {
  readonly text: string;
  readonly conflicts: readonly Conflict[];
  readonly warnings: readonly string[];
  readonly equalTo: Side | undefined;
};

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Merges documents given as texts (`undefined`: no base). Throws when it is refused. */
export const mergeTexts = (
  base: string | undefined,
  ours: string,
  theirs: string,
  options: Partial<MergeOptions> = {},
): MergedTexts => {
  const outcome = merge(base === undefined ? undefined : encode(base), encode(ours), encode(theirs), {
    policy: "newest",
    ...options,
  });
  if (outcome.kind === "refused") throw new Error(outcome.why);
  const { bytes, conflicts, warnings, equalTo } = outcome;
  return {
    text: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes),
    conflicts,
    warnings,
    equalTo,
  };
};

/** Why it is refused. Throws when it is not. */
export const refusal = (
  base: Uint8Array | string | undefined,
  ours: Uint8Array | string,
  theirs: Uint8Array | string,
  options: Partial<MergeOptions> = {},
): string => {
  const bytes = (document: Uint8Array | string): Uint8Array =>
    typeof document === "string" ? encode(document) : document;
  const outcome = merge(base === undefined ? undefined : bytes(base), bytes(ours), bytes(theirs), {
    policy: "newest",
    ...options,
  });
  if (outcome.kind === "merged") throw new Error(`it was merged: ${new TextDecoder().decode(outcome.bytes)}`);
  return outcome.why;
};
