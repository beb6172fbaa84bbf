import type { KgsyncError } from "../core/errors.ts";

/**
 * `clean`: nothing that the bucket does not have. `waiting`: the file is being written, look again. `held`: the version is
 * kept, but under the named key, not as the graph; `by` says on what ground. `failed`: not known to be in the bucket.
 */
export type GraphPush =
  | { readonly kind: "clean" }
  | { readonly kind: "stored"; readonly bytes: number }
  | { readonly kind: "waiting" }
  | {
      readonly kind: "held";
      readonly by: "damage" | "guard" | "merge" | "remote" | "fence";
      readonly why: string;
      readonly key: string | undefined;
    }
  | { readonly kind: "failed"; readonly error: KgsyncError };

export type PushGraphOptions = {
  /** Nobody writes any more: what is torn now stays torn, and goes to quarantine as it is. */
  readonly final: boolean;
  /** Digest (or its first digits) that the shrink guard may let pass. */
  readonly allowed: string | undefined;
};
