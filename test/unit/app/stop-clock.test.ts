import { expect, test } from "vitest";
import { createStopClock } from "../../../src/app/stop-clock.ts";
import { planStop } from "../../../src/core/stop-plan.ts";
import { createFakeClock } from "../../support/fake-clock.ts";

const armed = () => {
  const clock = createFakeClock();
  const rings: string[] = [];
  const ring = (what: string) => () => void rings.push(`${clock.now().mono} ${what}`);
  return { clock, rings, stop: createStopClock(clock, ring("kill"), ring("exit")) };
};

test("a stop rings to kill and to exit, as the plan says", async () => {
  const { clock, rings, stop } = armed();
  await clock.advance(1_000);
  expect(stop.armStop(10_000, 0)).toEqual(planStop(10_000, 0));
  expect([stop.exitAt(), stop.untilKill()]).toEqual([10_500, 7_500]);
  await clock.advance(60_000);
  expect(rings).toEqual(["8500 kill", "10500 exit"]);
  expect(stop.untilKill()).toBe(0);
});

test("a repeated stop moves nothing", async () => {
  const { clock, rings, stop } = armed();
  stop.armStop(10_000, 0);
  await clock.advance(5_000);
  stop.armStop(10_000, 0);
  await clock.advance(60_000);
  expect(rings).toEqual(["7500 kill", "9500 exit"]);
});

test("an app that ended by itself has no kill, only an exit", async () => {
  const { clock, rings, stop } = armed();
  stop.armFinal(300_000);
  expect(stop.untilKill()).toBeUndefined();
  await clock.advance(300_000);
  expect(rings).toEqual(["300000 exit"]);
});

test("a stop during the long final push shortens it; a final push during a stop does not lengthen it", async () => {
  const shortened = armed();
  shortened.stop.armFinal(300_000);
  shortened.stop.armStop(10_000, 0);
  await shortened.clock.advance(300_000);
  expect(shortened.rings).toEqual(["7500 kill", "9500 exit"]);

  const kept = armed();
  kept.stop.armStop(10_000, 0);
  kept.stop.armFinal(300_000);
  await kept.clock.advance(300_000);
  expect(kept.rings).toEqual(["7500 kill", "9500 exit"]);
});

test("closed, it rings no more", async () => {
  const { clock, rings, stop } = armed();
  stop.armStop(10_000, 0);
  stop.close();
  await clock.advance(60_000);
  expect(rings).toEqual([]);
  expect(clock.pending()).toBe(0);
});

test("a cycle rings to kill and never to exit; a stop in it keeps the earlier kill and adds the exit", async () => {
  const { clock, rings, stop } = armed();
  expect(stop.armCycle(10_000, 0)).toBe(7_500);
  expect(stop.exitAt()).toBeUndefined();
  await clock.advance(5_000);
  stop.armStop(10_000, 0);
  await clock.advance(60_000);
  expect(rings).toEqual(["7500 kill", "14500 exit"]);
});
