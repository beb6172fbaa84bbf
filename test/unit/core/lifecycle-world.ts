import type { ChildStatus } from "../../../src/core/child-status.ts";
import { initialState, transition } from "../../../src/core/lifecycle.ts";
import type { LifecycleCommand, LifecycleEvent, LifecycleState, Verdict } from "../../../src/core/lifecycle-types.ts";
import { signalRules } from "../../../src/core/signal-rules.ts";

/** What a bystander knows of one life: kept from events and commands alone, never from the reducer's own state. */
export type World = {
  /** KGSYNC_LEASE. */
  readonly lease: boolean;
  /** Whether we have it. */
  readonly held: boolean;
  /** The last step of the start that was asked for. */
  readonly asked: "own" | "lease" | "pull" | "spawn";
  /** What the app, or the lease, is to be stopped for without the program. */
  readonly cycle: "none" | "restart" | "hand-over";
  /** The last push of the life before. */
  readonly saved: Verdict;
  readonly child: "none" | "alive" | ChildStatus;
  readonly group: "alive" | "ending" | "gone";
  readonly wire: "none" | "interim" | "final";
  /** Something that wants a push came while one was on the wire and the child lived. */
  readonly missed: boolean;
  readonly stop: number | undefined;
  readonly clock: "none" | "cycle" | "final" | "stop";
  readonly sent: readonly number[];
  readonly disowned: boolean;
  readonly fenced: boolean;
  readonly bug: boolean;
  readonly exited: boolean;
};

export type Edge = {
  readonly from: LifecycleState;
  readonly before: World;
  readonly event: LifecycleEvent;
  readonly commands: readonly LifecycleCommand[];
  readonly to: LifecycleState;
};

export const STOPS: ReadonlySet<number> = new Set([2, 15]);
export const RULES = signalRules([...STOPS], new Map());

export const EVENTS: readonly LifecycleEvent[] = [
  { type: "owned" },
  { type: "leased" },
  { type: "pulled" },
  { type: "spawned" },
  { type: "start-failed", exit: 69 },
  { type: "signal", signal: 15 },
  { type: "signal", signal: 2 },
  { type: "signal", signal: 10 },
  { type: "child-ended", status: { kind: "exited", code: 0 } },
  { type: "child-ended", status: { kind: "exited", code: 3 } },
  { type: "child-ended", status: { kind: "signaled", signal: 9 } },
  { type: "child-ended", status: { kind: "signaled", signal: 15 } },
  { type: "group-ended" },
  { type: "kill-deadline" },
  { type: "exit-deadline" },
  { type: "look" },
  { type: "push-ended", data: "safe" },
  { type: "push-ended", data: "unsafe" },
  { type: "push-ended", data: "untouched" },
  { type: "remote-changed" },
  { type: "adopted", signal: 10 },
  { type: "hand-over" },
  { type: "fenced" },
  { type: "disowned" },
  { type: "bug" },
];

/** What begins anew with each life of the app. */
const LIFE = {
  child: "none",
  group: "alive",
  wire: "none",
  missed: false,
  clock: "none",
  sent: [],
  cycle: "none",
} as const;

const start = (lease: boolean): World => ({
  ...LIFE,
  lease,
  held: false,
  asked: "own",
  saved: "untouched",
  stop: undefined,
  disowned: false,
  fenced: false,
  bug: false,
  exited: false,
});

/** Whether the world can produce the event: nobody reports the end of a push that was never started. */
export const canHappen = (w: World, event: LifecycleEvent): boolean => {
  if (w.exited) return false;
  switch (event.type) {
    case "owned":
      return w.asked === "own";
    case "leased":
      return w.asked === "lease";
    case "pulled":
      return w.asked === "pull";
    case "spawned":
      return w.asked === "spawn" && w.child === "none";
    case "start-failed":
      return w.child === "none";
    case "remote-changed":
    case "adopted":
      return w.child === "alive";
    case "hand-over":
    case "fenced":
      return w.held;
    case "child-ended":
      return w.child === "alive";
    case "group-ended":
      return w.group === "ending";
    case "kill-deadline":
      return w.clock !== "none";
    case "exit-deadline":
      return w.clock === "final" || w.clock === "stop";
    case "push-ended":
      return w.wire !== "none";
    default:
      return true;
  }
};

/** The world once the event has happened, before anything is done about it. */
export const afterEvent = (w: World, event: LifecycleEvent): World => {
  if (!canHappen(w, event)) return w;
  switch (event.type) {
    case "leased":
      return { ...w, held: true };
    case "spawned":
      return { ...w, child: "alive" };
    case "signal":
      return STOPS.has(event.signal) ? { ...w, stop: w.stop ?? event.signal, cycle: "none" } : w;
    case "remote-changed":
      return isQuiet(w) && w.cycle === "none" ? { ...w, cycle: "restart" } : w;
    case "hand-over":
      return isWanted(w) ? { ...w, cycle: "hand-over" } : w;
    case "child-ended":
      return { ...w, child: event.status, missed: false };
    case "group-ended":
      return { ...w, group: "gone" };
    case "look":
      return { ...w, missed: w.missed || (w.child === "alive" && w.wire !== "none" && !w.disowned) };
    case "push-ended":
      return { ...w, wire: "none", missed: false, saved: w.wire === "final" ? event.data : w.saved };
    case "fenced":
      return { ...w, fenced: true, cycle: "none" };
    case "disowned":
      return { ...w, disowned: true, cycle: "none" };
    case "bug":
      return { ...w, bug: true, cycle: "none" };
    default:
      return w;
  }
};

/** Nothing has begun to end yet. */
export const isQuiet = (w: World): boolean =>
  w.stop === undefined && w.clock === "none" && !w.bug && !w.disowned && !w.fenced;

/** As long as the app is not really being stopped, a wish for the lease counts: at once, or when the app runs. */
const isWanted = (w: World): boolean => isQuiet(w) || w.cycle !== "none";

/** The app is told to stop: what it has saved until then must still be looked at. */
const firstTold = (w: World): World => ({
  ...w,
  missed: w.child === "alive" && w.wire !== "none" && !w.disowned,
});

const afterCommand = (w: World, command: LifecycleCommand): World => {
  const also = (signal: number): readonly number[] => [...new Set([...w.sent, signal])].sort((a, b) => a - b);
  switch (command.do) {
    case "pull":
    case "lease":
      return { ...w, ...LIFE, asked: command.do };
    case "spawn":
      return { ...w, asked: command.do };
    case "release-lease":
      return { ...w, held: false };
    case "arm-cycle":
      return { ...firstTold(w), clock: "cycle" };
    case "forward":
      return { ...w, sent: also(command.signal) };
    case "kill-group":
      return w.child === "alive" ? { ...w, sent: also(9) } : w;
    case "arm-stop":
      return { ...(w.clock === "cycle" ? w : firstTold(w)), clock: "stop" };
    case "arm-final":
      return { ...w, clock: "final" };
    case "end-group":
      return { ...w, group: "ending" };
    case "push":
      return { ...w, wire: command.final ? "final" : "interim", missed: false };
    case "exit":
      return { ...start(w.lease), exited: true };
    default:
      return w;
  }
};

/** Walks every pair of reducer state and world that any order of events can lead to, and returns every step taken. */
export const explore = (): { readonly states: readonly LifecycleState[]; readonly edges: readonly Edge[] } => {
  const begins = [false, true].map((lease) => ({ state: initialState(lease), world: start(lease) }));
  const pairs = new Map(begins.map(({ state, world }) => [JSON.stringify([state, world]), { state, world }]));
  const states = new Map(begins.map(({ state }) => [JSON.stringify(state), state]));
  const edges: Edge[] = [];
  for (const { state: from, world: before } of pairs.values()) // a Map's walk meets what is added on the way
    for (const event of EVENTS) {
      const [to, commands] = transition(from, event, RULES);
      edges.push({ from, before, event, commands, to });
      const world = commands.reduce(afterCommand, afterEvent(before, event));
      states.set(JSON.stringify(to), to);
      pairs.set(JSON.stringify([to, world]), { state: to, world });
    }
  return { states: [...states.values()], edges };
};
