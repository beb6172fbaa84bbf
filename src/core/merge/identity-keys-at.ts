import type { Path } from "../json/pointer.ts";
import { IDENTITY_KEYS } from "../profiles/merge-defaults.ts";
import { matchesPattern } from "./matches-pattern.ts";
import type { MergeOptions } from "./merge-types.ts";

/** The keys that tell the elements of the list at this place apart: its own where `identityAt` names it, else the general ones. */
export const identityKeysAt = (
  at: Path,
  { identityAt, identityKeys }: Pick<MergeOptions, "identityAt" | "identityKeys">,
): readonly string[] => {
  const general = identityKeys ?? IDENTITY_KEYS;
  if (identityAt === undefined) return general;
  const own = Object.entries(identityAt).find(([pattern]) => matchesPattern(pattern, at));
  return own === undefined ? general : own[1];
};
