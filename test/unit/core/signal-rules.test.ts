import { describe, expect, it } from "vitest";
import { initialState, transition } from "../../../src/core/lifecycle.ts";
import type { LifecycleEvent, LifecycleState } from "../../../src/core/lifecycle-types.ts";
import { signalRules } from "../../../src/core/signal-rules.ts";
import { FORWARDED, forwardedAs, HUP, INT, QUIT, TERM, TSTP } from "../../../src/core/signals.ts";

const USR1 = 10;

const play = (rules: ReturnType<typeof signalRules>, events: readonly LifecycleEvent[]) => {
  let state: LifecycleState = initialState(false);
  const done: string[] = [];
  for (const event of events) {
    const [next, commands] = transition(state, event, rules);
    done.push(...commands.map((command) => (command.do === "forward" ? `forward ${command.signal}` : command.do)));
    state = next;
  }
  return { state, done };
};

const started: readonly LifecycleEvent[] = [{ type: "owned" }, { type: "pulled" }, { type: "spawned" }];
const received = (signal: number): LifecycleEvent => ({ type: "signal", signal });

describe("the rules", () => {
  it("without a map, everything goes as it is, and the terminal's stops as STOP", () => {
    const { as } = signalRules([TERM], new Map());
    for (const signal of FORWARDED) expect([signal, as(signal)]).toEqual([signal, forwardedAs(signal)]);
  });

  it("the map comes first, and 0 is nothing", () => {
    const { as } = signalRules([TERM], new Map([[TERM, QUIT], [HUP, 0], [TSTP, TSTP]])); // biome-ignore format: pairs
    expect([TERM, HUP, TSTP, USR1].map(as)).toEqual([QUIT, undefined, TSTP, USR1]);
  });

  it("on a terminal INT and QUIT stop nothing, and still end the start", () => {
    const { stops, aborts } = signalRules([TERM, INT, QUIT], new Map(), true);
    expect([...stops]).toEqual([TERM]);
    expect([...aborts]).toEqual([TERM, INT, QUIT]);
    const early = play(signalRules([TERM, INT], new Map(), true), [{ type: "owned" }, received(INT)]);
    expect(early.done).toEqual(["pull", "abort-start", "exit"]);
    const late = play(signalRules([TERM, INT], new Map(), true), [...started, received(INT)]);
    expect([late.state.phase, late.done.at(-1)]).toEqual(["running", `forward ${INT}`]);
  });
});

describe("KGSYNC_SIGNAL_MAP in the life cycle", () => {
  const rules = signalRules([TERM], new Map([[TERM, QUIT], [HUP, 0]])); // biome-ignore format: pairs

  it("a stop is what was received; the app is sent what it stops on, and its death by that is not its own", () => {
    const { state, done } = play(rules, [...started, received(TERM)]);
    expect(done.slice(2)).toEqual([`forward ${QUIT}`, "arm-stop", "push"]);
    expect([state.stop, state.sent]).toEqual([TERM, [QUIT]]);
  });

  it("QUIT itself is then only passed on", () => {
    const { state, done } = play(rules, [...started, received(QUIT)]);
    expect([state.phase, done.at(-1)]).toEqual(["running", `forward ${QUIT}`]);
  });

  it("what is mapped to nothing does nothing, running or stopping", () => {
    expect(play(rules, [...started, received(HUP)]).done).toEqual(["pull", "spawn"]);
    expect(play(rules, [...started, received(TERM), received(HUP)]).done.slice(2)).toEqual([
      `forward ${QUIT}`,
      "arm-stop",
      "push",
    ]);
  });

  it.each<LifecycleEvent>([{ type: "remote-changed" }, { type: "bug" }])(
    "a stop of our own, for $type, is sent as TERM would be",
    (event) => {
      expect(play(rules, [...started, event]).done).toContain(`forward ${QUIT}`);
    },
  );

  it("a stop that came before the app runs reaches it mapped too", () => {
    const events: readonly LifecycleEvent[] = [
      { type: "owned" },
      { type: "pulled" },
      received(TERM),
      { type: "spawned" },
    ];
    expect(play(rules, events).done).toContain(`forward ${QUIT}`);
  });
});
