import type { ChildStatus } from "../core/child-status.ts";
import type { Child } from "../ports/child.ts";
import type { Clock } from "../ports/clock.ts";

/**
 * Stands where a child would, for an app that another container runs: nothing is sent to it, and whether it lives is not
 * known. It has ended, and well, as far as we are concerned, when it would have been asked to: by one of `stops`. Where both
 * containers are stopped at once, the quiet time is what it has for its last save.
 */
export const createAppBeside = (clock: Clock, stops: ReadonlySet<number>, pid: number): Child => {
  const ended = new AbortController();
  const { promise, resolve } = Promise.withResolvers<ChildStatus>();
  // Nothing else keeps the process: no watch and no timer of ours does, and there is no child.
  void clock.sleep(Number.POSITIVE_INFINITY, ended.signal);
  return {
    pid,
    ended: promise,
    signal: (signal) => {
      if (!stops.has(signal)) return;
      ended.abort();
      resolve({ kind: "exited", code: 0 });
    },
    endGroup: (quietMs) => clock.sleep(quietMs),
  };
};
