import type { Happening } from "../core/monitor/happening.ts";
import type { Exposition, Metrics } from "../ports/metrics.ts";

export type LateExposition = Metrics & {
  /** Loads what counts, and gives it all that has happened until now. May be called again. Rejects as `load` does. */
  readonly open: () => Promise<Exposition>;
};

/** More than these are not kept: it is then time to load what counts them. */
const MANY = 1000;

/** Counts from the first moment on, and loads what counts only when somebody asks: the start of the app need not wait for it. */
export const createLateExposition = (load: () => Promise<Exposition>): LateExposition => {
  let waiting: Happening[] = [];
  let loading: Promise<Exposition> | undefined;
  let to: Metrics = {
    note: (happening) => {
      waiting.push(happening);
      if (waiting.length >= MANY) void open().catch(() => undefined); // told to whoever asks
    },
  };
  const open = (): Promise<Exposition> => {
    loading ??= load().then(pour, (thrown: unknown) => {
      pour({ note: () => undefined });
      throw thrown;
    });
    return loading;
  };
  const pour = <M extends Metrics>(counting: M): M => {
    for (const happening of waiting) counting.note(happening);
    waiting = [];
    to = counting;
    return counting;
  };
  return { open, note: (happening) => to.note(happening) };
};
