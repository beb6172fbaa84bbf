import type { Path } from "../json/pointer.ts";
import { IDENTITY_KEYS } from "../profiles/merge-defaults.ts";
import type { MergeOptions } from "./merge-types.ts";

/** The keys that tell the elements of the list at this place apart: its own where `identityAt` names it, else the general ones. */
export const identityKeysAt = (at: Path, { identityAt, identityKeys }: MergeOptions): readonly string[] => {
  const general = identityKeys ?? IDENTITY_KEYS;
  if (identityAt === undefined) return general;
  const tokens = tokensOf(at);
  const own = Object.entries(identityAt).find(([pattern]) => matches(pattern, tokens));
  return own === undefined ? general : own[1];
};

const tokensOf = (path: Path): readonly string[] => {
  const tokens: string[] = [];
  for (let at = path; at !== undefined; at = at.parent) tokens.push(at.token);
  return tokens.reverse();
};

const matches = (pattern: string, tokens: readonly string[]): boolean => {
  const steps = pattern.split("/").slice(1);
  return (
    steps.length === tokens.length &&
    steps.every((step, index) => step === "*" || step.replaceAll("~1", "/").replaceAll("~0", "~") === tokens[index])
  );
};
