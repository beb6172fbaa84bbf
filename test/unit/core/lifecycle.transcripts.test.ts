import { expect, test } from "vitest";
import { initialState, transition } from "../../../src/core/lifecycle.ts";
import type { LifecycleEvent } from "../../../src/core/lifecycle-types.ts";

const STOPS = new Set([2, 15]);

const END_OK: LifecycleEvent = { type: "child-ended", status: { kind: "exited", code: 0 } };
const PUSHED: LifecycleEvent = { type: "push-ended", data: "safe" };
const LOST: LifecycleEvent = { type: "push-ended", data: "unsafe" };
const sig = (signal: number): LifecycleEvent => ({ type: "signal", signal });
const ev = (type: "owned" | "pulled" | "spawned" | "group-ended" | "look" | "disowned" | "bug"): LifecycleEvent => ({
  type,
});
const KILL: LifecycleEvent = { type: "kill-deadline" };
const DEADLINE: LifecycleEvent = { type: "exit-deadline" };
const STARTED = [ev("owned"), ev("pulled"), ev("spawned")];

/** One line per event: what was done, in order, and the phase that it led to. */
const play = (...events: readonly LifecycleEvent[]): readonly string[] => {
  let state = initialState;
  return events.map((event) => {
    const [next, commands] = transition(state, event, STOPS);
    state = next;
    const said = commands.map((c) => {
      if (c.do === "forward") return `forward ${c.signal}`;
      if (c.do === "push") return c.final ? "push final" : "push";
      return c.do === "exit" ? `exit ${c.code} ${c.data}` : c.do;
    });
    return `${said.join(", ") || "-"} → ${next.phase}`;
  });
};

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
