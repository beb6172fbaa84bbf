import { type Copy, fetchHistory } from "./fetch-head.ts";
import type { Repository } from "./repository.ts";

/** How far back it is looked for our commit among those of others that came after it. */
const FAR = 64;

/**
 * Whether the commit is on the remote's branch, which was at `expected` before. `not yet`: the branch has not moved, and a
 * late request may still move it. `never`: it has moved another way, so that a late request will be refused. `unknown`: too
 * much has happened since, or somebody has rewritten the branch.
 */
export const hasArrived = async (
  at: { readonly copy: Copy; readonly lookAlone: Repository["lookAlone"] },
  commit: string,
  expected: string | undefined,
  signal: AbortSignal,
): Promise<"yes" | "not yet" | "never" | "unknown"> => {
  const now = (await at.lookAlone(signal)).commit;
  if (now === commit) return "yes";
  if (now === expected) return "not yet";
  const history = now === undefined ? [] : await fetchHistory(at.copy, FAR, signal);
  if (history.includes(commit)) return "yes";
  // Of a branch that was not there, what is there now began without us.
  const whole = expected === undefined ? history.length > 0 && history.length < FAR : history.includes(expected);
  return whole ? "never" : "unknown";
};
