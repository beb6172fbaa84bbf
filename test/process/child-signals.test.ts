import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { CONT, FORWARDED, forwardedAs, KILL, STOP, signalName, TERM } from "../../src/core/signals.ts";
import { createChildBox, fixture, stateOf } from "../support/child-box.ts";

let box: ReturnType<typeof createChildBox>;
beforeAll(() => {
  box = createChildBox();
});
afterAll(() => box.close());

const becomes = (pid: number, state: string): Promise<void> =>
  vi.waitFor(() => expect(stateOf(pid)).toBe(state), { timeout: 30_000, interval: 5 });

const counter = [process.execPath, fixture("count-signals.mjs")] as const;

test("each forwarded signal arrives once, in order", async () => {
  const child = await box.start(counter);
  await child.reported("ready");
  const handled = FORWARDED.filter((signal) => forwardedAs(signal) === signal);
  for (const signal of handled) {
    child.signal(signal);
    await child.reported(`got ${signal}`);
  }
  child.signal(KILL);
  expect(await child.ended).toEqual({ kind: "signaled", signal: KILL });
  expect(child.lines()).toEqual(["ready", ...handled.map((signal) => `got ${signal}`)]);
});

test("repeats are repeats", async () => {
  const child = await box.start(counter);
  await child.reported("ready");
  const times = 5;
  for (let time = 1; time <= times; time++) {
    child.signal(TERM);
    await vi.waitFor(() => expect(child.lines()).toHaveLength(1 + time), { timeout: 30_000, interval: 5 });
  }
  child.signal(KILL);
  await child.ended;
  expect(child.lines()).toEqual(["ready", ...Array.from({ length: times }, () => `got ${TERM}`)]);
});

test.each([20, 21, 22])("the terminal's stop %i stops the child, and CONT lets it go on", async (signal) => {
  const child = await box.start(["sleep", "600"]);
  child.signal(forwardedAs(signal));
  await becomes(child.pid, "T");
  child.signal(CONT);
  await becomes(child.pid, "S");
});

test.each([1, 2, 3, 15])("a stopped child is woken by the stop signal %i", async (signal) => {
  const child = await box.start(["sleep", "600"]);
  child.signal(STOP);
  await becomes(child.pid, "T");
  child.signal(signal);
  expect(await child.ended).toEqual({ kind: "signaled", signal });
});

test("a stopped child with a handler saves before it ends", async () => {
  const child = await box.start([
    "sh",
    "-c",
    `trap 'echo saved >>"$REPORT"; exit 4' TERM; sleep 600 & echo ready >>"$REPORT"; wait`,
  ]);
  await child.reported("ready");
  child.signal(STOP);
  await becomes(child.pid, "T");
  child.signal(TERM);
  expect(await child.ended).toEqual({ kind: "exited", code: 4 });
  expect(child.lines()).toContain("saved");
});

test("other signals do not wake a stopped child", async () => {
  const child = await box.start(["sleep", "600"]);
  child.signal(STOP);
  await becomes(child.pid, "T");
  child.signal(12);
  expect(stateOf(child.pid)).toBe("T");
  child.signal(CONT);
  expect(await child.ended).toEqual({ kind: "signaled", signal: 12 });
});

test("a signal reaches the whole group, and nobody when it is gone", async () => {
  const child = await box.start([
    "sh",
    "-c",
    `(trap 'echo grandchild >>"$REPORT"; exit' TERM; echo ready >>"$REPORT"; while :; do sleep 0.01; done) & trap "" TERM; wait; exit 5`,
  ]);
  await child.reported("ready");
  child.signal(TERM);
  await child.reported("grandchild");
  expect(await child.ended).toEqual({ kind: "exited", code: 5 });
  await child.endGroup(10_000);
  child.signal(TERM);
  child.signal(KILL);
});

test("children start with every signal at its default and none blocked", async () => {
  const child = await box.start(["sh", "-c", 'grep -E "^Sig(Blk|Ign):" /proc/self/status >>"$REPORT"']);
  await child.ended;
  expect(child.lines().map((line) => line.replace(/\s+/g, " "))).toEqual([
    "SigBlk: 0000000000000000",
    "SigIgn: 0000000000000000",
  ]);
});

test("the names agree with the system's", () => {
  expect(FORWARDED.map(signalName)).not.toContain("SIGPIPE");
});
