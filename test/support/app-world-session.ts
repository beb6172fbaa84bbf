import { createHints } from "../../src/app/hints.ts";
import { createPerform } from "../../src/app/perform.ts";
import type { Run } from "../../src/app/perform-types.ts";
import { type Ending, runSession } from "../../src/app/session.ts";
import type { ChildStatus } from "../../src/core/child-status.ts";
import { signalRules } from "../../src/core/signal-rules.ts";
import type { Child } from "../../src/ports/child.ts";
import type { AppProcess, AppWorld } from "./app-world.ts";

/** The app's side of a life: what it does each time when it is started and when a signal comes. */
export type AppScript = {
  readonly onStart?: (app: FakeApp) => void;
  readonly onSignal?: (signal: number, app: FakeApp) => void;
  /** How long something of its group lives on after it, in ms. */
  readonly lingersMs?: number;
};

export type FakeApp = {
  /** Saves, and the watcher sees it. */
  readonly save: (text: string) => void;
  readonly exit: (code: number) => void;
  readonly after: (ms: number, act: () => void) => void;
};

export type SessionOptions = {
  readonly graceMs?: number;
  readonly debounceMs?: number;
  readonly intervalMs?: number;
  readonly attemptMs?: number;
  readonly stillOurs?: () => boolean;
  readonly lease?: Run["lease"];
  readonly onRemoteChange?: Run["onRemoteChange"];
};

const SIGKILL = 9;

/**
 * A whole life in virtual time, on a world's process: `lines` says what was done when, in ms since `begin`. Signals reach the
 * wrapper by `signal`; time moves by the world's clock.
 */
export const beginLife = (world: AppWorld, process: AppProcess, script: AppScript, options: SessionOptions = {}) => {
  const { io } = process;
  const { clock } = world;
  const begin = clock.now().mono;
  const lines: string[] = [];
  const say = (what: string): void => void lines.push(`${Math.round(clock.now().mono - begin)} ${what}`);
  let hint = (): void => undefined;
  let running = 0;
  /** The app of the newest start. */
  let current: FakeApp | undefined;
  const startApp = (): Child => {
    if (running > 0) throw new Error("two apps at once");
    running += 1;
    let ended: ChildStatus | undefined;
    let tell = (_: ChildStatus): void => undefined;
    const end = (status: ChildStatus): void => {
      if (ended !== undefined) return;
      ended = status;
      running -= 1;
      tell(status);
    };
    const app: FakeApp = {
      save: (text) => {
        if (ended !== undefined) return; // dead programs write nothing
        world.save(text);
        hint();
      },
      exit: (code) => end({ kind: "exited", code }),
      after: (ms, act) => void clock.after(ms, act),
    };
    current = app;
    script.onStart?.(app);
    return {
      pid: 42,
      ended: new Promise((resolve) => {
        tell = resolve;
        if (ended !== undefined) resolve(ended);
      }),
      signal: (signal) => {
        say(`app gets ${signal}`);
        if (signal === SIGKILL) end({ kind: "signaled", signal });
        else script.onSignal?.(signal, app);
      },
      endGroup: (quietMs) => clock.sleep(Math.min(quietMs, script.lingersMs ?? 0)),
    };
  };
  const { perform, facts, close } = createPerform({
    io,
    own: async () => ({
      id: "0".repeat(32),
      stillOurs: async () => options.stillOurs?.() ?? true,
      release: async () => undefined,
    }),
    spawn: async () => {
      say("spawn");
      return startApp();
    },
    watch: (look) => {
      const { debounceMs = 500, intervalMs = 0 } = options;
      const hints = createHints({ clock, random: io.random, debounceMs, intervalMs, look });
      hint = hints.changed;
      hints.changed();
      return hints;
    },
    lease: options.lease,
    onRemoteChange: options.onRemoteChange,
    graceMs: options.graceMs ?? 10_000,
    quiesceMs: 2_000,
    attemptMs: options.attemptMs ?? 15_000,
  });
  let send = (_signal: number): void => undefined;
  let ending: Ending | undefined;
  const life = runSession(
    signalRules([2, 15], new Map()),
    (post) => {
      send = (signal) => post({ type: "signal", signal });
    },
    (command, post) => {
      if (command.do === "push") say(command.final ? "push final" : "push");
      perform(command, post);
    },
    (_from, event) => {
      if (event.type === "push-ended") say(`pushed ${event.data}`);
    },
    options.lease !== undefined,
  ).then(async (value) => {
    ending = value;
    say(`exit ${value.code} ${value.data}`);
    await close();
    process.gate.kill(); // the program is gone
  });
  return {
    lines,
    facts,
    life,
    /** Of the newest start. */
    app: {
      save: (text: string): void => current?.save(text),
      exit: (code: number): void => current?.exit(code),
      after: (ms: number, act: () => void): void => void clock.after(ms, act),
    } satisfies FakeApp,
    signal: (signal: number): void => {
      say(`signal ${signal}`);
      send(signal);
    },
    ending: (): Ending | undefined => ending,
    elapsed: (): number => clock.now().mono - begin,
  };
};
