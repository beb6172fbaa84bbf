import { expect, test } from "vitest";
import type { Facts } from "../../../src/app/perform-types.ts";
import type { Pushed } from "../../../src/app/push-all.ts";
import { createSyncDesk, type SyncAnswer } from "../../../src/app/sync-desk.ts";
import { initialState, transition } from "../../../src/core/lifecycle.ts";
import type { LifecycleEvent, Verdict } from "../../../src/core/lifecycle-types.ts";
import { signalRules } from "../../../src/core/signal-rules.ts";
import { createFakeClock } from "../../support/fake-clock.ts";

const RULES = signalRules([15], new Map());
const SAFE: Pushed = {
  data: "safe",
  graph: "clean",
  backups: 0,
  retry: "none",
  why: undefined,
  error: undefined,
  uploadMs: undefined,
};
const WRITING: Pushed = { ...SAFE, data: "unsafe", graph: "waiting", retry: "soon" };
const FAILED: Pushed = { ...SAFE, data: "unsafe", graph: "failed", retry: "later", why: "no answer" };

/** A desk on the real life cycle; the test says what each push comes to. */
const begin = (holder?: string) => {
  const clock = createFakeClock();
  let state = initialState(false);
  let last: Pushed | undefined;
  const facts: Facts = {
    failure: () => undefined,
    lastPush: () => last,
    lock: () => undefined,
    fenced: () => undefined,
    epoch: () => undefined,
    readonlyUnder: () => holder,
  };
  const desk = createSyncDesk(clock, facts);
  const pushes: boolean[] = [];
  const post = (event: LifecycleEvent): void => {
    const [to, commands] = transition(state, event, RULES);
    desk.step(state, event, to);
    state = to;
    for (const command of commands) if (command.do === "push") pushes.push(command.final);
  };
  desk.open(post);
  const answers: SyncAnswer[] = [];
  return {
    clock,
    post,
    pushes,
    answers,
    run: (): void => {
      for (const type of ["owned", "pulled", "spawned"] as const) post({ type });
    },
    ask: (): void => void desk.ask().then((answer) => answers.push(answer)),
    pushed: async (came: Pushed, data: Verdict = came.data): Promise<void> => {
      last = came;
      post({ type: "push-ended", data });
      await clock.advance(0);
    },
  };
};

test("a question starts a push, and its answer is that push's", async () => {
  const { run, ask, pushes, pushed, answers } = begin();
  run();
  ask();
  expect(pushes).toEqual([false]);
  await pushed({ ...SAFE, graph: "merged", backups: 2 });
  expect(answers).toEqual([{ kind: "done", graph: "merged", backups: 2 }]);
});

test("a push that was on the wire does not count: it may have read the file before the save", async () => {
  const { run, ask, post, pushes, pushed, answers } = begin();
  run();
  post({ type: "look" });
  ask();
  ask();
  await pushed({ ...SAFE, graph: "stored" });
  expect([pushes, answers]).toEqual([[false, false], []]);
  await pushed(SAFE);
  expect(answers).toEqual([
    { kind: "done", graph: "clean", backups: 0 },
    { kind: "done", graph: "clean", backups: 0 },
  ]);
});

test("a failed push is told with its reason, at once", async () => {
  const { run, ask, pushed, answers } = begin();
  run();
  ask();
  await pushed(FAILED);
  expect(answers).toEqual([{ kind: "unsafe", why: "no answer" }]);
});

test("a file that is being written is waited for, but not for ever", async () => {
  const { run, ask, post, pushed, answers, clock } = begin();
  run();
  ask();
  await pushed(WRITING);
  expect(answers).toEqual([]);
  post({ type: "look" });
  await pushed({ ...SAFE, graph: "stored" });
  expect(answers).toEqual([{ kind: "done", graph: "stored", backups: 0 }]);
  ask();
  await pushed(WRITING);
  await clock.advance(10_000);
  post({ type: "look" });
  await pushed(WRITING);
  expect(answers[1]).toEqual({ kind: "unsafe", why: "the files are being written" });
});

test("before the app runs nothing is pushed, and after the end neither", async () => {
  const { run, ask, post, pushed, answers, clock } = begin();
  ask();
  await clock.advance(0);
  expect(answers).toEqual([{ kind: "refused", why: "kgsync is owning, and pushes only while an app runs" }]);
  run();
  post({ type: "signal", signal: 15 });
  await pushed(SAFE);
  post({ type: "child-ended", status: { kind: "exited", code: 0 } });
  ask(); // its program has ended: the last push is still to come
  post({ type: "group-ended" });
  ask(); // and that one is on the wire, and looks at what nobody writes any more
  await pushed({ ...SAFE, graph: "stored" });
  expect(answers.slice(1)).toEqual([
    { kind: "done", graph: "stored", backups: 0 },
    { kind: "done", graph: "stored", backups: 0 },
  ]);
  ask();
  await clock.advance(0);
  expect(answers[3]).toMatchObject({ kind: "refused" });
});

test("whoever still waits when the time is up is answered", async () => {
  const { run, ask, post, answers, clock } = begin();
  run();
  ask();
  post({ type: "signal", signal: 15 });
  post({ type: "exit-deadline" });
  await clock.advance(0);
  expect(answers).toEqual([{ kind: "unsafe", why: "the push ended without an answer of the bucket" }]);
});

test("without the lease nothing is pushed, and it says who has it", async () => {
  const { run, ask, post, answers, clock } = begin("other-pod");
  run();
  ask();
  post({ type: "push-ended", data: "untouched" });
  await clock.advance(0);
  expect(answers).toEqual([{ kind: "refused", why: "other-pod holds the lease, and nothing is pushed without it" }]);
});
