import { expect, test } from "vitest";
import type { Io } from "../../../src/app/io.ts";
import { createStatusFile } from "../../../src/app/status-file.ts";
import { initialState } from "../../../src/core/lifecycle.ts";
import type { LifecycleEvent, LifecycleState } from "../../../src/core/lifecycle-types.ts";
import { createFakeClock } from "../../support/fake-clock.ts";
import { createMemoryFileTree } from "../../support/memory-file-tree.ts";

const NOBODY = {
  failure: () => undefined,
  lastPush: () => undefined,
  lock: () => undefined,
  fenced: () => undefined,
  readonlyUnder: () => undefined,
  epoch: () => undefined,
};

const running = (push: LifecycleState["push"]): LifecycleState => ({ ...initialState(false), phase: "running", push });

test("the age of what waits grows from the push that began with it, and does not fall back when that one fails", async () => {
  const clock = createFakeClock();
  const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
  const paths = { graph: "/g", backups: undefined, state: "/s" };
  const io: Pick<Io, "clock" | "files" | "log" | "paths"> = { clock, files: createMemoryFileTree().tree, log, paths };
  const { step, current } = createStatusFile(io, NOBODY, { version: "1", writer: "w" });
  const age = (): number | undefined => {
    const { unsyncedSince } = current();
    return unsyncedSince === undefined ? undefined : clock.now().wall - unsyncedSince;
  };
  const ended = (data: "safe" | "unsafe"): LifecycleEvent => ({ type: "push-ended", data });

  step({ type: "look" }, running("interim"));
  await clock.advance(500);
  expect(age()).toBeUndefined(); // most are over by then
  await clock.advance(4500);
  expect(age()).toBe(5000);
  step(ended("unsafe"), running("none"));
  expect(age()).toBe(5000);
  await clock.advance(1000);
  step({ type: "look" }, running("interim"));
  await clock.advance(1000);
  expect(age()).toBe(7000);
  step(ended("safe"), running("interim")); // one more look was asked for meanwhile
  await clock.advance(500);
  expect(age()).toBeUndefined();
  await clock.advance(1500);
  expect(age()).toBe(2000);
});
