import { initialState, transition } from "../core/lifecycle.ts";
import type { LifecycleCommand, LifecycleEvent, LifecycleState, Verdict } from "../core/lifecycle-types.ts";
import type { SignalRules } from "../core/signal-rules.ts";

export type Ending = { readonly code: number; readonly data: Verdict; readonly state: LifecycleState };

export type Post = (event: LifecycleEvent) => void;

/** Carries out one command; later says what came of it through `post`. Must not throw and must not block. */
export type Perform = (command: Exclude<LifecycleCommand, { do: "exit" }>, post: Post) => void;

/**
 * The imperative shell: one loop, one queue, one state. All that happens becomes an event; the core decides; `perform`
 * acts. Resolves when the program is to exit. `start` gets the way to post events from outside (signals).
 * `lease`: the app is not started without it.
 */
export const runSession = (
  signals: SignalRules,
  start: (post: Post) => void,
  perform: Perform,
  onStep: (from: LifecycleState, event: LifecycleEvent, to: LifecycleState) => void,
  lease = false,
): Promise<Ending> =>
  new Promise((resolve) => {
    let state = initialState(lease);
    const queue: LifecycleEvent[] = [];
    let draining = false;
    const post: Post = (event) => {
      queue.push(event);
      if (draining) return; // `perform` may post at once: keep the order, do not nest
      draining = true;
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const [to, commands] = transition(state, next, signals);
        onStep(state, next, to);
        state = to;
        for (const command of commands)
          if (command.do === "exit") resolve({ code: command.code, data: command.data, state });
          else perform(command, post);
      }
      draining = false;
    };
    perform({ do: "own" }, post);
    start(post);
  });
