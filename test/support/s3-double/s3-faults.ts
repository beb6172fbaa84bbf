import type { S3Operation } from "./s3-request.ts";

/** What happens to one request. Every fault is scripted, and `expectAllPlayed` fails the test when one never fired. */
export type S3Fault =
  /** Answered without being applied. */
  | {
      readonly kind: "status";
      readonly status: number;
      readonly code?: string;
      readonly headers?: Record<string, string>;
    }
  /** 409 ConditionalRequestConflict, not applied. */
  | { readonly kind: "race-409" }
  | { readonly kind: "commit-then-reset" }
  | { readonly kind: "reset-before-commit" }
  /** Applied, but nothing is ever answered. */
  | { readonly kind: "commit-then-stall" }
  /** Not applied, nothing is ever answered. */
  | { readonly kind: "stall-headers" }
  /** Headers and half of the body, then silence. */
  | { readonly kind: "stall-body" }
  /** Headers that announce all, half of the body, then the connection is closed. */
  | { readonly kind: "truncated-body" }
  /** The body, one byte every few milliseconds. */
  | { readonly kind: "drip" }
  /** Status 200, and an `<Error>` for a body; not applied. */
  | { readonly kind: "error-in-200" }
  /** The body with its last byte changed. */
  | { readonly kind: "spoilt-byte" }
  /** Applied; the answer's ETag is empty. */
  | { readonly kind: "empty-etag" }
  /** Something else happens just before this request is looked at: another writer, a signal. */
  | { readonly kind: "first"; readonly run: () => unknown };

/** Which request: all named parts must fit. The `skip` first ones that fit are let through (default 0). */
export type FaultTarget<Operation extends string = S3Operation> = {
  readonly operation?: Operation;
  readonly key?: string;
  readonly skip?: number;
};

export type S3Faults<Operation extends string = S3Operation> = {
  /** Arms a fault for the next request that fits, or for the next `times`. */
  readonly add: (target: FaultTarget<Operation>, fault: S3Fault, times?: number) => void;
  readonly take: (operation: Operation, key: string) => S3Fault | undefined;
  /** Throws when a fault has not fired as often as it was meant to. */
  readonly expectAllPlayed: () => void;
};

/** `Operation`: of another kind of server the faults are the same. */
export const createS3Faults = <Operation extends string = S3Operation>(): S3Faults<Operation> => {
  const armed: { target: FaultTarget<Operation>; fault: S3Fault; skip: number; left: number }[] = [];
  return {
    add: (target, fault, times = 1) => void armed.push({ target, fault, skip: target.skip ?? 0, left: times }),
    take: (operation, key) => {
      for (const entry of armed) {
        const fits =
          (entry.target.operation ?? operation) === operation && (entry.target.key ?? key) === key && entry.left > 0;
        if (!fits) continue;
        if (entry.skip > 0) {
          entry.skip -= 1;
          continue;
        }
        entry.left -= 1;
        return entry.fault;
      }
      return undefined;
    },
    expectAllPlayed: () => {
      const unplayed = armed.filter(({ left }) => left > 0);
      if (unplayed.length === 0) return;
      const names = unplayed.map(
        ({ target, fault, left }) => `${fault.kind} on ${JSON.stringify(target)} (${left} left)`,
      );
      throw new Error(`faults that never fired: ${names.join("; ")}`);
    },
  };
};
