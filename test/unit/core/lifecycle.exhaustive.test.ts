import { describe, expect, test } from "vitest";
import type { ChildStatus } from "../../../src/core/child-status.ts";
import { transition } from "../../../src/core/lifecycle.ts";
import type { LifecycleCommand, LifecycleEvent, LifecycleState, Verdict } from "../../../src/core/lifecycle-types.ts";
import {
  afterEvent,
  canHappen,
  type Edge,
  EVENTS,
  explore,
  isQuiet,
  RULES,
  STOPS,
  type World,
} from "./lifecycle-world.ts";

const { states, edges } = explore();
const possible = edges.filter((edge) => canHappen(edge.before, edge.event));

/** The steps that break a rule, shortened to the first few: the rule holds when there are none. */
const broken = (holds: (edge: Edge, now: World) => boolean, among: readonly Edge[] = edges): readonly Edge[] =>
  among.filter((edge) => !holds(edge, afterEvent(edge.before, edge.event))).slice(0, 3);

const count = (edge: Edge, what: LifecycleCommand["do"]): number => edge.commands.filter((c) => c.do === what).length;

/** The rule: the command is given, once, in just the steps for which `when` holds. */
const onlyWhen = (what: LifecycleCommand["do"], when: (edge: Edge, now: World) => boolean): readonly Edge[] =>
  broken((edge, now) => count(edge, what) === (canHappen(edge.before, edge.event) && when(edge, now) ? 1 : 0));

const beforeSpawn = ({ asked, exited }: World): boolean => asked !== "spawn" && !exited;
const isStopSignal = (e: LifecycleEvent): boolean => e.type === "signal" && STOPS.has(e.signal);
const isFault = (e: LifecycleEvent): boolean => e.type === "bug" || e.type === "disowned" || e.type === "fenced";
const isFaulty = (w: World): boolean => w.bug || w.disowned || w.fenced;

/** The step in which the app is first told to stop because the program ends. */
const stopsNow = ({ before, event }: Edge, now: World): boolean =>
  now.child === "alive" &&
  (event.type === "spawned"
    ? now.stop !== undefined || isFaulty(now)
    : before.clock === "none" && (isStopSignal(event) || isFault(event)));

/** The step in which the app is told to stop, and the program goes on. */
const cyclesNow = ({ before, event }: Edge, now: World): boolean => {
  if (now.child !== "alive" || now.cycle === "none") return false;
  return event.type === "spawned" || (isQuiet(before) && before.cycle === "none");
};

/** The last push of a life behind which another one comes. */
const endsCycle = ({ before, event }: Edge): boolean =>
  event.type === "push-ended" && before.wire === "final" && before.cycle !== "none";

const handsOver = (edge: Edge): boolean =>
  endsCycle(edge) &&
  edge.before.cycle === "hand-over" &&
  edge.event.type === "push-ended" &&
  edge.event.data === "safe";

describe("the walk", () => {
  test("covers every state and step that any order of events can lead to", () => {
    const reducerEdges = new Set(edges.map((e) => JSON.stringify([e.from, e.event])));
    expect({ states: states.length, steps: reducerEdges.size, events: EVENTS.length }).toMatchInlineSnapshot(`
      {
        "events": 25,
        "states": 16072,
        "steps": 401800,
      }
    `);
  });

  test("can end from everywhere", () => {
    const key = (s: LifecycleState): string => JSON.stringify(s);
    const sources = new Map<string, Set<string>>();
    for (const { from, to } of edges) sources.set(key(to), (sources.get(key(to)) ?? new Set()).add(key(from)));
    const ending = new Set(states.filter((s) => s.phase === "done").map(key));
    for (const to of ending) for (const from of sources.get(to) ?? []) ending.add(from);
    expect(states.filter((s) => !ending.has(key(s)))).toEqual([]);
  });

  test("gives the same answer for the same question and changes nothing in it", () => {
    for (const { from, event, to, commands } of edges.slice(0, 5000)) {
      const frozen = JSON.stringify(from);
      expect(transition(from, event, RULES)).toEqual([to, commands]);
      expect(JSON.stringify(from)).toBe(frozen);
    }
  });
});

describe("the start", () => {
  test("owning is the session's first step and never asked for again", () =>
    expect(onlyWhen("own", () => false)).toEqual([]));

  test("the lease is asked for right after owning, and after it was handed over, when it is on", () =>
    expect(onlyWhen("lease", (edge) => (edge.event.type === "owned" && edge.before.lease) || handsOver(edge))).toEqual(
      [],
    ));

  test("after a hand-over the holder is not asked: two would pass the lease to and fro", () =>
    expect(
      broken((edge) => edge.commands.every((c) => c.do !== "lease" || c.ask === (edge.event.type === "owned"))),
    ).toEqual([]));

  test("the pull comes right after owning, or after the lease where it is on, and after a cycle that kept it", () =>
    expect(
      onlyWhen("pull", (edge) => {
        if (edge.event.type === "owned") return !edge.before.lease;
        return edge.event.type === "leased" || (endsCycle(edge) && !handsOver(edge));
      }),
    ).toEqual([]));

  test("a life begins when nobody of the one before is left, and nothing of it is on the wire", () =>
    expect(
      broken(
        ({ before, commands }, now) =>
          !commands.some((c) => c.do === "pull" || c.do === "lease" || c.do === "spawn") ||
          before.child === "none" ||
          (now.group === "gone" && now.wire === "none" && now.child !== "alive"),
      ),
    ).toEqual([]));

  test("the app is never spawned without the lease, where it is on", () =>
    expect(
      broken(({ before, commands }) => !commands.some((c) => c.do === "spawn") || !before.lease || before.held),
    ).toEqual([]));

  test("the lease is given up only behind a last push that has it all", () => {
    expect(onlyWhen("release-lease", handsOver)).toEqual([]);
    expect(possible.some(handsOver)).toBe(true);
  });

  test("the app is spawned right after the pull and at no other time", () =>
    expect(onlyWhen("spawn", ({ event }) => event.type === "pulled")).toEqual([]));

  test("a stop signal or a fault before the spawn is never followed by one", () =>
    expect(broken(({ before, commands }) => !(isPast(before) && commands.some((c) => c.do === "spawn")))).toEqual([]));

  test("a stop signal or a fault before the spawn ends the start at once", () =>
    expect(
      onlyWhen("abort-start", ({ before, event }) => beforeSpawn(before) && (isStopSignal(event) || isFault(event))),
    ).toEqual([]));
});

const isPast = (w: World): boolean => w.asked !== "spawn" && (w.stop !== undefined || isFaulty(w));

describe("signals", () => {
  test("each reaches the living app exactly once, and a fault ends the app with SIGTERM", () =>
    expect(
      broken((edge, now) => {
        const sent = edge.commands.flatMap((c) => (c.do === "forward" ? [c.signal] : []));
        return JSON.stringify(sent) === JSON.stringify(canHappen(edge.before, edge.event) ? due(edge, now) : []);
      }),
    ).toEqual([]));

  test("the first reason to stop arms the clock, once in a life, whatever the phase", () =>
    expect(
      onlyWhen("arm-stop", (edge, now) => {
        if (edge.before.clock === "stop" || beforeSpawn(edge.before)) return false;
        const ends = edge.event.type === "disowned" && now.group === "gone";
        const inCycle = edge.before.clock === "cycle" && isFault(edge.event) && !ends;
        return isStopSignal(edge.event) || inCycle || stopsNow(edge, now);
      }),
    ).toEqual([]));

  test("a cycle arms the clock of the kill, and no other", () => expect(onlyWhen("arm-cycle", cyclesNow)).toEqual([]));

  test("an app that ends unasked gets the long clock", () =>
    expect(
      onlyWhen("arm-final", ({ before, event }) => event.type === "child-ended" && before.clock === "none"),
    ).toEqual([]));

  test("the group is ended when the app has ended, and killed only while somebody of it may live", () => {
    expect(onlyWhen("end-group", ({ event }) => event.type === "child-ended")).toEqual([]);
    const lives = (w: World): boolean => w.child === "alive" || w.group === "ending";
    expect(onlyWhen("kill-group", ({ event, before }) => event.type === "kill-deadline" && lives(before))).toEqual([]);
  });
});

/** What must be forwarded in this step. */
const due = (edge: Edge, now: World): readonly number[] => {
  const { before, event } = edge;
  if (before.child === "alive" && event.type === "signal") return [event.signal];
  if (event.type === "adopted") return before.clock === "none" ? [event.signal] : [];
  if (event.type === "spawned" && now.stop !== undefined) return [now.stop];
  if (event.type === "spawned") return isFaulty(now) || now.cycle !== "none" ? [15] : [];
  if (cyclesNow(edge, now)) return [15];
  return isFault(event) && before.child === "alive" && before.clock === "none" ? [15] : [];
};

describe("pushes", () => {
  test("there is never more than one on the wire", () =>
    expect(broken(({ commands }, now) => !commands.some((c) => c.do === "push") || now.wire === "none")).toEqual([]));

  test("nothing is pushed once another wrapper owns the files", () =>
    expect(broken(({ commands }, now) => !(now.disowned && commands.some((c) => c.do === "push")))).toEqual([]));

  test("the final one starts when nobody of the group is left and the wire is free", () =>
    expect(
      broken(
        (edge, now) =>
          edge.commands.some((c) => c.do === "push" && c.final) ===
          (now.group === "gone" &&
            now.wire === "none" &&
            !now.disowned &&
            (edge.event.type === "group-ended" || (edge.event.type === "push-ended" && edge.before.wire !== "final"))),
        possible,
      ),
    ).toEqual([]));

  test("a look is answered at once, or after the push on the wire: never forgotten while the app lives", () =>
    expect(
      broken((edge, now) => {
        const wanted =
          now.child === "alive" &&
          now.wire === "none" &&
          !now.disowned &&
          (edge.event.type === "look" ||
            stopsNow(edge, now) ||
            cyclesNow(edge, now) ||
            (edge.event.type === "push-ended" && edge.before.missed));
        return edge.commands.some((c) => c.do === "push" && !c.final) === wanted;
      }, possible),
    ).toEqual([]));

  test("one on the wire is hurried when only the final push is left to do", () =>
    expect(
      onlyWhen("hurry-push", ({ event }, now) => event.type === "group-ended" && now.wire !== "none" && !now.disowned),
    ).toEqual([]));
});

describe("the exit", () => {
  test("comes exactly when it must, with the code and the words that are true", () =>
    expect(
      broken((edge, now) => {
        const exits = edge.commands.filter((c) => c.do === "exit");
        const expected = canHappen(edge.before, edge.event) ? exitDue(edge, now) : undefined;
        return JSON.stringify(exits) === JSON.stringify(expected === undefined ? [] : [{ do: "exit", ...expected }]);
      }),
    ).toEqual([]));

  test("is the last command, and silence follows it", () => {
    expect(broken(({ commands }) => commands.findIndex((c) => c.do === "exit") === exitPlace(commands))).toEqual([]);
    expect(broken(({ before, commands }) => !(before.exited && commands.length > 0))).toEqual([]);
  });

  test("says 0 only for data that is safe or was never touched", () =>
    expect(
      broken(({ commands }) => !commands.some((c) => c.do === "exit" && c.code === 0 && c.data === "unsafe")),
    ).toEqual([]));
});

const exitPlace = (commands: readonly LifecycleCommand[]): number =>
  commands.some((c) => c.do === "exit") ? commands.length - 1 : -1;

type Exit = { readonly code: number; readonly data: string };

const exitDue = ({ before, event }: Edge, now: World): Exit | undefined => {
  const { saved } = before;
  if (event.type === "start-failed") return { code: event.exit, data: saved };
  if (beforeSpawn(before)) {
    if (event.type === "signal" && STOPS.has(event.signal))
      return { code: saved === "unsafe" ? 75 : 128 + event.signal, data: saved };
    return isFault(event) ? { code: event.type === "bug" ? 70 : 75, data: saved } : undefined;
  }
  if (event.type === "push-ended" && before.wire === "final" && before.cycle === "none")
    return { code: codeFor(now, event.data), data: event.data };
  const lost = event.type === "exit-deadline" || (now.group === "gone" && now.disowned);
  return lost ? { code: codeFor(now, "unsafe"), data: "unsafe" } : undefined;
};

/** 75 if the app was fine or died of our signal, and its data is not known to be safe, or the lease is lost. */
const codeFor = ({ child, sent, bug, fenced }: World, data: Verdict): number => {
  const own = ownCode(child);
  const fine = own === 0 || (own > 128 && sent.includes(own - 128)) || child === "alive" || child === "none";
  if (!fine) return own;
  if (data === "unsafe" || fenced) return 75;
  return bug ? 70 : own;
};

const ownCode = (child: "none" | "alive" | ChildStatus): number => {
  if (child === "none" || child === "alive") return -1;
  return child.kind === "exited" ? child.code : 128 + child.signal;
};

test("events that cannot happen in a phase change nothing", () =>
  expect(
    broken(
      ({ from, to, commands }) => JSON.stringify(from) === JSON.stringify(to) && commands.length === 0,
      edges.filter((edge) => !canHappen(edge.before, edge.event)),
    ),
  ).toEqual([]));
