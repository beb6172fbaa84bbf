import { ERRORS } from "./errors.ts";
import { exitCode, finish } from "./lifecycle-end.ts";
import type { Cycle, Fault, LifecycleCommand, LifecycleState, Step } from "./lifecycle-types.ts";
import type { SignalRules } from "./signal-rules.ts";
import { TERM } from "./signals.ts";

/** The signal counts as ours: the app's death by it is not its own failure. */
export const sending = (s: LifecycleState, signal: number): LifecycleState => ({
  ...s,
  sent: [...new Set([...s.sent, signal])].sort((a, b) => a - b),
});

/** What the app is to be sent for a received signal, by the rules. */
const pass = (s: LifecycleState, signal: number, { as }: SignalRules): Step => {
  const sent = as(signal);
  return sent === undefined ? [s, []] : [sending(s, sent), [{ do: "forward", signal: sent }]];
};

/** A stop that came while the program was being exec'ed reaches it as its first signal; so does a wish for the lease. */
export const onSpawned = (s: LifecycleState, rules: SignalRules): Step => {
  const signal = s.stop ?? (s.fault === "none" ? undefined : TERM);
  if (signal !== undefined) return stopping(s, signal, rules);
  return s.cycle === "none" ? [{ ...s, phase: "running" }, []] : beginCycle(s, s.cycle, rules);
};

/** The app is stopped as on a signal; the program goes on. */
export const beginCycle = (s: LifecycleState, cycle: Cycle, rules: SignalRules): Step =>
  askToStop({ ...s, cycle }, TERM, rules, [{ do: "arm-cycle" }]);

/** Forward at once, and start the clock. */
const stopping = (s: LifecycleState, signal: number, rules: SignalRules): Step =>
  askToStop(
    { ...s, stop: s.stop ?? signal, cycle: "none" },
    signal,
    rules,
    s.stop === undefined ? [{ do: "arm-stop" }] : [],
  );

/** What is settled is saved beside the app's own stop. */
const askToStop = (s: LifecycleState, signal: number, rules: SignalRules, clock: readonly LifecycleCommand[]): Step => {
  const [told, forward] = pass(s, signal, rules);
  const next: LifecycleState = { ...told, phase: "stopping" };
  const commands: readonly LifecycleCommand[] = [...forward, ...clock];
  if (s.fault === "disowned") return [next, commands];
  if (s.push !== "none") return [{ ...next, again: true }, commands];
  return [{ ...next, push: "interim" }, [...commands, { do: "push", final: false }]];
};

export const onSignal = (s: LifecycleState, signal: number, rules: SignalRules): Step => {
  const stop = rules.stops.has(signal);
  switch (s.phase) {
    case "owning":
    case "leasing":
    case "pulling":
      return rules.aborts.has(signal)
        ? abort({ ...s, stop: signal }, s.saved === "unsafe" ? unsafeCode : 128 + signal)
        : [s, []];
    case "running":
      return stop ? stopping(s, signal, rules) : pass(s, signal, rules);
    case "stopping": {
      const [next, commands] = stop ? inEarnest(s, signal) : ([s, []] as const);
      const [told, forward] = pass(next, signal, rules);
      return [told, [...forward, ...commands]];
    }
    default: // spawning, ending, pushing: there is nobody to forward to, but the grace now runs
      return stop ? inEarnest(s, signal) : [s, []];
  }
};

const unsafeCode = ERRORS["not-durable"].exit;

/** The first real stop: the grace runs from now on, and of a cycle only its stop is left. */
const inEarnest = (s: LifecycleState, signal: number): Step =>
  s.stop === undefined ? [{ ...s, stop: signal, cycle: "none" }, [{ do: "arm-stop" }]] : [s, []];

/** Before the app runs there is nothing to save that is not known yet. */
const abort = (s: LifecycleState, code: number): Step => {
  const [done, commands] = finish(s, code, s.saved);
  return [done, [{ do: "abort-start" }, ...commands]];
};

/** Losing the files outweighs all: a push would then carry another app's bytes. */
const WEIGHT: Readonly<Record<Fault | "none", number>> = { none: 0, bug: 1, fenced: 2, disowned: 3 };
const FAULT_CODE = { bug: ERRORS.bug, fenced: ERRORS["lease-busy"], disowned: ERRORS["local-busy"] } as const;

/**
 * The app must not go on unseen: it is stopped like on a signal, and what may be saved is saved. Without the lease too: a push
 * looks at the bucket's epoch, and what it may not make the graph it keeps there under another key.
 */
export const onFault = (s: LifecycleState, fault: Fault, rules: SignalRules): Step => {
  const next: LifecycleState = { ...s, fault: WEIGHT[s.fault] > WEIGHT[fault] ? s.fault : fault };
  switch (s.phase) {
    case "owning":
    case "leasing":
    case "pulling":
      return abort(next, FAULT_CODE[fault].exit);
    case "running":
      return stopping(next, TERM, rules);
    case "pushing":
      if (fault === "disowned") return finish(next, exitCode(next, "unsafe"), "unsafe");
  }
  return s.cycle === "none" || s.phase === "spawning" ? [{ ...next, cycle: "none" }, []] : inEarnest(next, TERM);
};
