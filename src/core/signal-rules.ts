import { forwardedAs, INT, QUIT } from "./signals.ts";

/** What a received signal means. */
export type SignalRules = {
  /** Those that end the program while there is no app yet. By the number that was received, like `stops`. */
  readonly aborts: ReadonlySet<number>;
  /** Those that start the shutdown of the app. On a terminal fewer: INT and QUIT are the app's own there. */
  readonly stops: ReadonlySet<number>;
  /** What the app is sent for it; `undefined`: nothing. Asked too when kgsync itself wants the app to end (TERM). */
  readonly as: (signal: number) => number | undefined;
};

/** Pairs of what is received and what is sent for it. 0: nothing is sent. */
export type SignalMap = ReadonlyMap<number, number>;

/** The rules of `KGSYNC_STOP_SIGNALS` and `KGSYNC_SIGNAL_MAP`. What the map does not name goes as `forwardedAs` says. */
export const signalRules = (stops: readonly number[], map: SignalMap, terminal = false): SignalRules => ({
  aborts: new Set(stops),
  stops: new Set(terminal ? stops.filter((signal) => signal !== INT && signal !== QUIT) : stops),
  as: (signal) => {
    const sent = map.get(signal) ?? forwardedAs(signal);
    return sent === 0 ? undefined : sent;
  },
});
