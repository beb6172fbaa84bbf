import { describe, expect, test } from "vitest";
import { initialState, transition } from "../../../src/core/lifecycle.ts";
import type { LifecycleEvent } from "../../../src/core/lifecycle-types.ts";
import { signalRules } from "../../../src/core/signal-rules.ts";

const RULES = signalRules([2, 15], new Map());

const END_OK: LifecycleEvent = { type: "child-ended", status: { kind: "exited", code: 0 } };
const PUSHED: LifecycleEvent = { type: "push-ended", data: "safe" };
const LOST: LifecycleEvent = { type: "push-ended", data: "unsafe" };
const sig = (signal: number): LifecycleEvent => ({ type: "signal", signal });
type Plain = Exclude<LifecycleEvent["type"], "start-failed" | "signal" | "child-ended" | "push-ended" | "adopted">;
const ev = (type: Plain): LifecycleEvent => ({ type });
const KILL: LifecycleEvent = { type: "kill-deadline" };
const DEADLINE: LifecycleEvent = { type: "exit-deadline" };
const STARTED = [ev("owned"), ev("pulled"), ev("spawned")];

/** One line per event: what was done, in order, and the phase that it led to. */
const playFrom = (lease: boolean, ...events: readonly LifecycleEvent[]): readonly string[] => {
  let state = initialState(lease);
  return events.map((event) => {
    const [next, commands] = transition(state, event, RULES);
    state = next;
    const said = commands.map((c) => {
      if (c.do === "forward") return `forward ${c.signal}`;
      if (c.do === "push") return c.final ? "push final" : "push";
      if (c.do === "lease") return c.ask ? "lease asking" : "lease";
      if (c.do === "pull") return c.after === "nothing" ? "pull" : `pull after ${c.after}`;
      return c.do === "exit" ? `exit ${c.code} ${c.data}` : c.do;
    });
    return `${said.join(", ") || "-"} → ${next.phase}`;
  });
};

const play = (...events: readonly LifecycleEvent[]): readonly string[] => playFrom(false, ...events);

/** With the lease on: the lines after its ordinary start. */
const playLeased = (...events: readonly LifecycleEvent[]): readonly string[] =>
  playFrom(true, ev("owned"), ev("leased"), ev("pulled"), ev("spawned"), ...events).slice(4);

/** The lines after the ordinary start. */
const playRunning = (...events: readonly LifecycleEvent[]): readonly string[] => play(...STARTED, ...events).slice(3);

test("a plain life: own, pull, spawn, push on a look, end, final push, the app's code", () =>
  expect(play(...STARTED, ev("look"), PUSHED, END_OK, ev("group-ended"), PUSHED)).toEqual([
    "pull → pulling",
    "spawn → spawning",
    "- → running",
    "push → running",
    "- → running",
    "arm-final, end-group → ending",
    "push final → pushing",
    "exit 0 safe → done",
  ]));

test("docker stop: the signal goes on at once, what is settled is pushed beside it, a repeat is only forwarded", () =>
  expect(
    playRunning(sig(15), sig(15), PUSHED, { type: "child-ended", status: { kind: "signaled", signal: 15 } }),
  ).toEqual(["forward 15, arm-stop, push → stopping", "forward 15 → stopping", "- → stopping", "end-group → ending"]));

test("a stop while pushing: one more push follows, for the app may have saved in between", () =>
  expect(playRunning(ev("look"), sig(15), PUSHED, PUSHED, END_OK, ev("group-ended"), PUSHED)).toEqual([
    "push → running",
    "forward 15, arm-stop → stopping",
    "push → stopping",
    "- → stopping",
    "end-group → ending",
    "push final → pushing",
    "exit 0 safe → done",
  ]));

test("the app ends while a push is on the wire: the final one waits for it and is made whatever its answer", () =>
  expect(playRunning(ev("look"), ev("look"), END_OK, ev("group-ended"), ev("look"), LOST, PUSHED)).toEqual([
    "push → running",
    "- → running",
    "arm-final, end-group → ending",
    "hurry-push → pushing",
    "- → pushing",
    "push final → pushing",
    "exit 0 safe → done",
  ]));

test("a push that ends while the group is being ended is followed by the final one only", () =>
  expect(playRunning(ev("look"), ev("look"), END_OK, PUSHED, ev("group-ended"))).toEqual([
    "push → running",
    "- → running",
    "arm-final, end-group → ending",
    "- → ending",
    "push final → pushing",
  ]));

test("a look during a push is answered after it, once", () =>
  expect(playRunning(ev("look"), ev("look"), ev("look"), PUSHED, PUSHED)).toEqual([
    "push → running",
    "- → running",
    "- → running",
    "push → running",
    "- → running",
  ]));

test("a stop while owning or pulling ends with 128 + n and starts nothing", () => {
  expect(play(sig(15))).toEqual(["abort-start, exit 143 untouched → done"]);
  expect(play(ev("owned"), sig(2), ev("pulled"), ev("spawned"))).toEqual([
    "pull → pulling",
    "abort-start, exit 130 untouched → done",
    "- → done",
    "- → done",
  ]);
});

test("a stop while spawning starts the clock, and is the app's first signal", () =>
  expect(play(ev("owned"), ev("pulled"), sig(2), sig(15), ev("spawned"), PUSHED, END_OK)).toEqual([
    "pull → pulling",
    "spawn → spawning",
    "arm-stop → spawning",
    "- → spawning",
    "forward 2, push → stopping",
    "- → stopping",
    "end-group → ending",
  ]));

test("an exec that hangs does not outlive the grace", () =>
  expect(play(ev("owned"), ev("pulled"), sig(15), KILL, DEADLINE).slice(2)).toEqual([
    "arm-stop → spawning",
    "- → spawning",
    "exit 75 unsafe → done",
  ]));

test("a failed spawn tells its own code, stop signal or not", () => {
  const failed: LifecycleEvent = { type: "start-failed", exit: 127 };
  expect(play(ev("owned"), ev("pulled"), failed)).toContain("exit 127 untouched → done");
  expect(play(ev("owned"), ev("pulled"), sig(15), failed)).toContain("exit 127 untouched → done");
});

test("the app ends by itself, then the stop comes: the final push gets the shorter clock", () =>
  expect(playRunning(END_OK, sig(15), sig(15), ev("group-ended"), sig(2), PUSHED)).toEqual([
    "arm-final, end-group → ending",
    "arm-stop → ending",
    "- → ending",
    "push final → pushing",
    "- → pushing",
    "exit 0 safe → done",
  ]));

test("an app that does not stop is killed in time for the final push, and its death is not its own failure", () => {
  const killed: LifecycleEvent = { type: "child-ended", status: { kind: "signaled", signal: 9 } };
  const life = [sig(15), PUSHED, KILL, killed, KILL, ev("group-ended")];
  expect(playRunning(...life, PUSHED).slice(2)).toEqual([
    "kill-group → stopping",
    "end-group → ending",
    "kill-group → ending",
    "push final → pushing",
    "exit 137 safe → done",
  ]);
  expect(playRunning(...life, LOST)).toContain("exit 75 unsafe → done");
  expect(playRunning(killed, ev("group-ended"), LOST)).toContain("exit 137 unsafe → done");
});

test("the exit deadline ends every phase in which a clock runs", () => {
  expect(playRunning(sig(15), DEADLINE)).toContain("exit 75 unsafe → done");
  expect(playRunning(END_OK, DEADLINE)).toContain("exit 75 unsafe → done");
  expect(playRunning(END_OK, ev("group-ended"), DEADLINE)).toContain("exit 75 unsafe → done");
  const failed: LifecycleEvent = { type: "child-ended", status: { kind: "exited", code: 3 } };
  expect(playRunning(failed, DEADLINE)).toContain("exit 3 unsafe → done");
});

test("a stray deadline does not leave a running app behind", () =>
  expect(playRunning(DEADLINE, KILL)).toEqual(["- → running", "- → running"]));

test("a failing final push tells 75 for an app that was fine", () =>
  expect(playRunning(END_OK, ev("group-ended"), LOST)).toContain("exit 75 unsafe → done"));

test("disowned while running: the app is stopped and nothing is pushed", () =>
  expect(playRunning(ev("disowned"), ev("look"), END_OK, ev("group-ended"))).toEqual([
    "forward 15, arm-stop → stopping",
    "- → stopping",
    "end-group → ending",
    "exit 75 unsafe → done",
  ]));

test("disowned after a defect of ours: nothing is pushed either", () =>
  expect(playRunning(ev("bug"), PUSHED, ev("disowned"), ev("bug"), ev("look"), END_OK, ev("group-ended"))).toEqual([
    "forward 15, arm-stop, push → stopping",
    "- → stopping",
    "- → stopping",
    "- → stopping",
    "- → stopping",
    "end-group → ending",
    "exit 75 unsafe → done",
  ]));

test("a defect of ours while running: the app is stopped, its work is saved, the code is 70", () =>
  expect(playRunning(ev("bug"), PUSHED, END_OK, ev("group-ended"), PUSHED)).toEqual([
    "forward 15, arm-stop, push → stopping",
    "- → stopping",
    "end-group → ending",
    "push final → pushing",
    "exit 70 safe → done",
  ]));

const KILLED: LifecycleEvent = { type: "child-ended", status: { kind: "signaled", signal: 15 } };

describe("the lease", () => {
  test("comes between owning and the pull", () =>
    expect(playFrom(true, ev("owned"), ev("leased"), ev("pulled"))).toEqual([
      "lease asking → leasing",
      "pull → pulling",
      "spawn → spawning",
    ]));

  test("a stop while standing by ends with 128 + n at once", () =>
    expect(playFrom(true, ev("owned"), sig(10), sig(15))).toEqual([
      "lease asking → leasing",
      "- → leasing",
      "abort-start, exit 143 untouched → done",
    ]));

  test("lost while the app runs: it is stopped, the last push says what became of its save, and the code is 75", () => {
    const lost = [ev("fenced"), ev("remote-changed"), ev("hand-over"), LOST, END_OK, ev("group-ended")];
    expect(playLeased(...lost, LOST)).toEqual([
      "forward 15, arm-stop, push → stopping",
      "- → stopping",
      "- → stopping",
      "- → stopping",
      "end-group → ending",
      "push final → pushing",
      "exit 75 unsafe → done",
    ]);
    expect(playLeased(...lost, PUSHED)).toContain("exit 75 safe → done");
  });

  test("lost during the pull: nothing is started", () =>
    expect(playFrom(true, ev("owned"), ev("leased"), ev("fenced"))).toContain("abort-start, exit 75 untouched → done"));

  test("asked for: the app is stopped, its work is saved, the lease is released, and asked for no more", () =>
    expect(
      playLeased(ev("hand-over"), sig(10), PUSHED, KILLED, ev("group-ended"), PUSHED, ev("hand-over"), ev("leased")),
    ).toEqual([
      "forward 15, arm-cycle, push → stopping",
      "forward 10 → stopping",
      "- → stopping",
      "end-group → ending",
      "push final → pushing",
      "release-lease, lease → leasing",
      "- → leasing",
      "pull → pulling",
    ]));

  test("asked for, and the last save does not get to the bucket: it is kept, and the app goes on here", () =>
    expect(playLeased(ev("hand-over"), LOST, END_OK, ev("group-ended"), LOST, ev("pulled"), ev("spawned"))).toEqual([
      "forward 15, arm-cycle, push → stopping",
      "- → stopping",
      "end-group → ending",
      "push final → pushing",
      "pull after kept → pulling",
      "spawn → spawning",
      "- → running",
    ]));

  test("asked for during the start: as soon as the app runs", () =>
    expect(playFrom(true, ev("owned"), ev("leased"), ev("hand-over"), ev("pulled"), ev("spawned")).slice(2)).toEqual([
      "- → pulling",
      "spawn → spawning",
      "forward 15, arm-cycle, push → stopping",
    ]));

  test("asked for during a restart: that becomes a hand-over", () =>
    expect(
      playLeased(ev("remote-changed"), PUSHED, END_OK, ev("hand-over"), ev("group-ended"), PUSHED).slice(-2),
    ).toEqual(["push final → pushing", "release-lease, lease → leasing"]));

  test("a stop in a hand-over ends it as any stop; standing by after one, the code is 128 + n and the data safe", () => {
    expect(playLeased(ev("hand-over"), PUSHED, sig(15), KILLED, ev("group-ended"), PUSHED)).toEqual([
      "forward 15, arm-cycle, push → stopping",
      "- → stopping",
      "forward 15, arm-stop → stopping",
      "end-group → ending",
      "push final → pushing",
      "exit 143 safe → done",
    ]);
    const handedOver = [ev("hand-over"), PUSHED, END_OK, ev("group-ended"), PUSHED];
    expect(playLeased(...handedOver, sig(15))).toContain("abort-start, exit 143 safe → done");
  });
});

describe("a restart on what others wrote", () => {
  test("stops the app with a clock for the kill alone, pushes, pulls, and spawns again; the app's code says nothing", () => {
    const failed: LifecycleEvent = { type: "child-ended", status: { kind: "exited", code: 3 } };
    const life = [ev("remote-changed"), PUSHED, KILL, DEADLINE, failed, ev("group-ended"), PUSHED];
    expect(playRunning(...life, ev("pulled"), ev("spawned"), END_OK, ev("group-ended"), PUSHED)).toEqual([
      "forward 15, arm-cycle, push → stopping",
      "- → stopping",
      "kill-group → stopping",
      "- → stopping",
      "end-group → ending",
      "push final → pushing",
      "pull after restart → pulling",
      "spawn → spawning",
      "- → running",
      "arm-final, end-group → ending",
      "push final → pushing",
      "exit 0 safe → done",
    ]);
  });

  test("goes on behind a last push that failed, and a refused start then ends it, with that code", () => {
    const refused: LifecycleEvent = { type: "start-failed", exit: 65 };
    expect(playRunning(ev("remote-changed"), LOST, END_OK, ev("group-ended"), LOST, refused).slice(-2)).toEqual([
      "pull after restart → pulling",
      "exit 65 unsafe → done",
    ]);
  });

  test("a stop during its pull ends at once: 128 + n, or 75 when the last save is not in the bucket", () => {
    const cycle = (last: LifecycleEvent) => [ev("remote-changed"), PUSHED, END_OK, ev("group-ended"), last, sig(15)];
    expect(playRunning(...cycle(PUSHED))).toContain("abort-start, exit 143 safe → done");
    expect(playRunning(...cycle(LOST))).toContain("abort-start, exit 75 unsafe → done");
  });

  test("the app ended by itself first: the ordinary end", () =>
    expect(playRunning(END_OK, ev("remote-changed"), ev("group-ended"), PUSHED)).toContain("exit 0 safe → done"));

  test("a defect during it is a real stop", () =>
    expect(playRunning(ev("remote-changed"), PUSHED, ev("bug"), END_OK, ev("group-ended"), PUSHED)).toEqual([
      "forward 15, arm-cycle, push → stopping",
      "- → stopping",
      "arm-stop → stopping",
      "end-group → ending",
      "push final → pushing",
      "exit 70 safe → done",
    ]));
});

test("the file was replaced under the app: it is told so, and dying of that is not its own failure", () =>
  expect(
    playRunning(
      { type: "adopted", signal: 1 },
      { type: "child-ended", status: { kind: "signaled", signal: 1 } },
      ev("group-ended"),
      LOST,
    ),
  ).toEqual(["forward 1 → running", "arm-final, end-group → ending", "push final → pushing", "exit 75 unsafe → done"]));

test("a life whose work was not to be pushed ends with the app's code", () =>
  expect(playRunning(END_OK, ev("group-ended"), { type: "push-ended", data: "untouched" })).toContain(
    "exit 0 untouched → done",
  ));
