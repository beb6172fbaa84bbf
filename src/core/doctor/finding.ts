import type { ErrorCode } from "../errors.ts";

/** What `kgsync doctor` has to say of one thing. Plain data: it is printed as it is with `--json`. */
export type Finding = {
  /** A stable dotted id: `bucket.list`. */
  readonly check: string;
  readonly status: "ok" | "warning" | "problem";
  /** What was seen, in words. */
  readonly saw: string;
  /** What to do; nothing to do where it is absent. */
  readonly advice?: string;
  /** Of a problem: how `kgsync run` would fail on it. */
  readonly code?: ErrorCode;
};

/** All is well. */
export const ok = (check: string, saw: string): Finding => ({ check, status: "ok", saw });

/** It works, and may not do what is wanted. */
export const warning = (check: string, saw: string, advice: string): Finding => ({
  check,
  status: "warning",
  saw,
  advice,
});

/** It does not work. */
export const problem = (check: string, code: ErrorCode, saw: string, advice: string): Finding => ({
  check,
  status: "problem",
  saw,
  advice,
  code,
});
