import type { Clock, Instant } from "../ports/clock.ts";

export type Timers = {
  readonly now: () => Instant;
  /** Calls back once after `ms`; `hold` keeps the process alive until then. Returns what cancels it, any number of times. */
  readonly arm: (ms: number, hold: boolean, callback: () => void) => () => void;
};

/**
 * A clock from its two primitives. A sleep that somebody waits for keeps the process alive; `after` and `timeout` do not:
 * a timer left behind may not delay the end of the container.
 */
export const clockOfTimers = ({ now, arm }: Timers): Clock => ({
  now,
  after: (ms, callback) => arm(ms, false, callback),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted === true) return resolve();
      const wake = (): void => {
        cancel();
        signal?.removeEventListener("abort", wake);
        resolve();
      };
      const cancel = arm(ms, true, wake);
      signal?.addEventListener("abort", wake, { once: true });
    }),
  timeout: (ms, parent) => {
    const controller = new AbortController();
    const follow = (): void => abort(parent?.reason);
    const cancel = (): void => {
      disarm();
      parent?.removeEventListener("abort", follow);
    };
    const abort = (reason: unknown): void => {
      cancel();
      controller.abort(reason);
    };
    const disarm = arm(ms, false, () => abort(new DOMException(`no answer within ${ms} ms`, "TimeoutError")));
    parent?.addEventListener("abort", follow, { once: true });
    if (parent?.aborted === true) follow();
    return { signal: controller.signal, cancel };
  },
});
