import type { ChildStatus } from "../../../src/core/child-status.ts";
import { initialState, transition } from "../../../src/core/lifecycle.ts";
import type { LifecycleCommand, LifecycleEvent, LifecycleState } from "../../../src/core/lifecycle-types.ts";

/** What a bystander knows of one life: kept from events and commands alone, never from the reducer's own state. */
export type World = {
  /** The last step of the start that was asked for. */
  readonly asked: "own" | "pull" | "spawn";
  readonly child: "none" | "alive" | ChildStatus;
  readonly group: "alive" | "ending" | "gone";
  readonly wire: "none" | "interim" | "final";
  /** Something that wants a push came while one was on the wire and the child lived. */
  readonly missed: boolean;
  readonly stop: number | undefined;
  readonly clock: "none" | "final" | "stop";
  readonly sent: readonly number[];
  readonly disowned: boolean;
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

export const EVENTS: readonly LifecycleEvent[] = [
  { type: "owned" },
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
  { type: "disowned" },
  { type: "bug" },
];

const START: World = {
  asked: "own",
  child: "none",
  group: "alive",
  wire: "none",
  missed: false,
  stop: undefined,
  clock: "none",
  sent: [],
  disowned: false,
  bug: false,
  exited: false,
};

/** Whether the world can produce the event: nobody reports the end of a push that was never started. */
export const canHappen = (w: World, event: LifecycleEvent): boolean => {
  if (w.exited) return false;
  switch (event.type) {
    case "owned":
      return w.asked === "own";
    case "pulled":
      return w.asked === "pull";
    case "spawned":
      return w.asked === "spawn" && w.child === "none";
    case "start-failed":
      return w.child === "none";
    case "child-ended":
      return w.child === "alive";
    case "group-ended":
      return w.group === "ending";
    case "kill-deadline":
    case "exit-deadline":
      return w.clock !== "none";
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
    case "spawned":
      return { ...w, child: "alive" };
    case "signal":
      return STOPS.has(event.signal) ? { ...w, stop: w.stop ?? event.signal } : w;
    case "child-ended":
      return { ...w, child: event.status, missed: false };
    case "group-ended":
      return { ...w, group: "gone" };
    case "look":
      return { ...w, missed: w.missed || (w.child === "alive" && w.wire !== "none" && !w.disowned) };
    case "push-ended":
      return { ...w, wire: "none", missed: false };
    case "disowned":
      return { ...w, disowned: true };
    case "bug":
      return { ...w, bug: true };
    default:
      return w;
  }
};

const afterCommand = (w: World, command: LifecycleCommand): World => {
  const also = (signal: number): readonly number[] => [...new Set([...w.sent, signal])].sort((a, b) => a - b);
  switch (command.do) {
    case "pull":
    case "spawn":
      return { ...w, asked: command.do };
    case "forward":
      return { ...w, sent: also(command.signal) };
    case "kill-group":
      return w.child === "alive" ? { ...w, sent: also(9) } : w;
    case "arm-stop":
      return { ...w, clock: "stop", missed: w.child === "alive" && w.wire !== "none" && !w.disowned };
    case "arm-final":
      return { ...w, clock: "final" };
    case "end-group":
      return { ...w, group: "ending" };
    case "push":
      return { ...w, wire: command.final ? "final" : "interim", missed: false };
    case "exit":
      return { ...START, exited: true };
    default:
      return w;
  }
};

/** Walks every pair of reducer state and world that any order of events can lead to, and returns every step taken. */
export const explore = (): { readonly states: readonly LifecycleState[]; readonly edges: readonly Edge[] } => {
  const pairs = new Map([[JSON.stringify([initialState, START]), { state: initialState, world: START }]]);
  const states = new Map([[JSON.stringify(initialState), initialState]]);
  const edges: Edge[] = [];
  for (const { state: from, world: before } of pairs.values()) // a Map's walk meets what is added on the way
    for (const event of EVENTS) {
      const [to, commands] = transition(from, event, STOPS);
      edges.push({ from, before, event, commands, to });
      const world = commands.reduce(afterCommand, afterEvent(before, event));
      states.set(JSON.stringify(to), to);
      pairs.set(JSON.stringify([to, world]), { state: to, world });
    }
  return { states: [...states.values()], edges };
};
