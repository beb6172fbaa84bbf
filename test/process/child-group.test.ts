import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { createSpawn } from "../../src/adapters/execa-child/spawn-child.ts";
import { createSystemClock } from "../../src/adapters/system-clock.ts";
import { TERM } from "../../src/core/signals.ts";
import type { Clock } from "../../src/ports/clock.ts";
import { alive, createChildBox } from "../support/child-box.ts";
import { environment } from "../support/environment.ts";

let box: ReturnType<typeof createChildBox>;
beforeAll(() => {
  box = createChildBox();
});
afterAll(() => box.close());

const LONG = 600_000;
const pidOf = (lines: readonly string[], name: string): number =>
  Number(lines.find((line) => line.startsWith(`${name} `))?.split(" ")[1]);

/** A writer in the background that the main program leaves behind. */
const writer = (onTerm: string): string =>
  `(trap '${onTerm}' TERM; echo up >>"$REPORT"; while :; do echo w >>"$REPORT"; sleep 0.01; done) & echo "writer $!" >>"$REPORT"; `;
const untilUp = `until grep -qs up "$REPORT"; do sleep 0.01; done; `;

test("a writer left behind ends by TERM, and nobody writes after that", async () => {
  const child = await box.start(["sh", "-c", `${writer('echo bye >>"$REPORT"; exit')}${untilUp}exit 3`]);
  expect(await child.ended).toEqual({ kind: "exited", code: 3 });
  await child.endGroup(LONG);
  const lines = child.lines();
  expect(alive(pidOf(lines, "writer"))).toBe(false);
  expect(lines.at(-1)).toBe("bye");
});

test("a writer that ignores TERM ends by KILL", async () => {
  const child = await box.start(["sh", "-c", `${writer("")}${untilUp}exit 0`]);
  await child.ended;
  await child.endGroup(50);
  const lines = child.lines();
  expect(alive(pidOf(lines, "writer"))).toBe(false);
  expect(child.lines()).toEqual(lines);
});

test("a stopped writer is woken by the TERM", async () => {
  const child = await box.start(["sh", "-c", `${writer('echo bye >>"$REPORT"; exit')}${untilUp}kill -STOP $!; exit 0`]);
  await child.ended;
  await child.endGroup(LONG);
  expect(child.lines().at(-1)).toBe("bye");
});

test("a child that is alive is ended with its group", async () => {
  const child = await box.start(["sh", "-c", `trap "" TERM; ${writer("")}wait; wait`]);
  await child.reported("up");
  await child.endGroup(20);
  expect(await child.ended).toEqual({ kind: "signaled", signal: 9 });
  expect(alive(pidOf(child.lines(), "writer"))).toBe(false);
});

test("an app that forks twice and exits is found", async () => {
  const child = await box.start([
    "sh",
    "-c",
    `sh -c '${'(trap "exit" TERM; echo "daemon $(sh -c "echo \\$PPID")" >>"$REPORT"; echo up >>"$REPORT"; while :; do sleep 0.01; done) &'}' & wait; ${untilUp}exit 0`,
  ]);
  await child.ended;
  const daemon = pidOf(child.lines(), "daemon");
  expect(alive(daemon)).toBe(true);
  await child.endGroup(LONG);
  expect(alive(daemon)).toBe(false);
});

test("a process in another group of the session is found", async () => {
  const child = await box.start([
    process.execPath,
    "-e",
    // an interactive shell's job control puts each job into a group of its own
    `require("node:child_process").spawnSync("bash", ["-c", 'set -m; sleep 600 & echo "job $!" >>"$REPORT"; exit 0'], { stdio: "inherit" })`,
  ]);
  await child.ended;
  const job = pidOf(child.lines(), "job");
  expect(alive(job)).toBe(true);
  await child.endGroup(LONG);
  expect(alive(job)).toBe(false);
});

test("a daemon in a session of its own is found, once it was seen below the app", async () => {
  const child = await box.start([
    "sh",
    "-c",
    `setsid sh -c 'trap "echo bye >>\\"$REPORT\\"; exit" TERM; echo "daemon $$" >>"$REPORT"; echo up >>"$REPORT"; while :; do sleep 0.01; done' &
     trap "exit 5" TERM; while :; do sleep 0.01; done`,
  ]);
  await child.reported("up");
  const daemon = pidOf(child.lines(), "daemon");
  onTestFinished(() => void (alive(daemon) && process.kill(daemon, "SIGKILL"))); // it would hold our output open
  child.signal(TERM);
  expect(await child.ended).toEqual({ kind: "exited", code: 5 });
  expect([alive(daemon), child.lines().includes("bye")]).toEqual([true, false]);
  await child.endGroup(LONG);
  expect([alive(daemon), child.lines().at(-1)]).toEqual([false, "bye"]);
});

test("nobody left: no timer is started", async () => {
  let timers = 0;
  const real = createSystemClock();
  const counting: Clock = {
    ...real,
    sleep: (ms, signal) => {
      timers += 1;
      return real.sleep(ms, signal);
    },
  };
  const spawn = createSpawn({ clock: counting, terminal: { kind: "none" } });
  const child = await spawn({ argv: ["true"], cwd: undefined, env: environment() });
  await child.ended;
  await child.endGroup(LONG);
  await child.endGroup(LONG);
  expect(timers).toBe(0);
});
