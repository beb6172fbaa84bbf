import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { lookAt } from "../../src/adapters/execa-child/list-processes.ts";
import { alive, fixture, stateOf } from "../support/child-box.ts";
import { environment } from "../support/environment.ts";
import { type Observed, observeKeys, observeSignals } from "../support/observe-signals.ts";
import { openShell } from "../support/open-terminal.ts";
import { expectColumn } from "../support/signals-table.ts";
import { createStoryPlace } from "../support/story-place.ts";
import { useBundle } from "../support/use-bundle.ts";

const bin = useBundle();
const PATIENCE = { timeout: 60_000, interval: 10 };

const place = () => {
  const here = createStoryPlace(bin);
  let count = 0;
  return {
    ...here,
    /** A report that nobody has written yet. */
    nextReport: () => join(here.root, `report-${++count}`),
  };
};
const linesOf = (report: string): readonly string[] => {
  try {
    return readFileSync(report, "utf8").split("\n").slice(0, -1);
  } catch {
    return [];
  }
};
const ready = (report: string): Promise<void> => vi.waitFor(() => expect(linesOf(report)).toContain("ready"), PATIENCE);
const numberIn = (file: string): number | undefined => {
  const [text] = linesOf(file);
  return text === undefined ? undefined : Number(text);
};
const kill = (...pids: readonly number[]): void => {
  for (const pid of pids) if (alive(pid)) process.kill(pid, "SIGKILL");
};

/** Who runs, by what kgsync's log says. */
const whoRuns = async (log: string): Promise<{ app: number; kgsync: number }> => {
  const started = /"event":"child.started","pid":(\d+)/;
  await vi.waitFor(() => expect(linesOf(log).join("\n")).toMatch(started), PATIENCE);
  const app = Number(started.exec(linesOf(log).join("\n"))?.[1]);
  return { app, kgsync: lookAt(app)?.parent ?? 0 };
};
const stoppedOf = (kgsync: number, app: number): "app" | "kgsync" | undefined =>
  stateOf(kgsync) === "T" ? "kgsync" : stateOf(app) === "T" ? "app" : undefined;

/** Long enough for an app that lives on after TERM. */
const ENV = { KGSYNC_GRACE: "10m" };
const MISLEADING = /Debugger|"level":"?(?:warn|error)/;
const kgsyncRun = (): readonly string[] => [process.execPath, bin(), "run", "--"];
const COUNTER = [process.execPath, fixture("count-signals.mjs")];

test("what the app observes of each signal to a kgsync that is not PID 1", { timeout: 300_000 }, async () => {
  const here = place();
  const start = async (): Promise<Observed> => {
    const report = here.nextReport();
    // A shell tells the code of a death by a real-time signal, and Node does not: it would call it an exit with 0.
    const parent = spawn(
      "sh",
      ["-c", `"$@" 2>'${report}-log'; echo $? >'${report}-code'`, "sh", ...kgsyncRun(), ...COUNTER],
      {
        cwd: here.root,
        stdio: "ignore",
        env: { ...environment(), ...here.base, ...ENV, REPORT: report },
      },
    );
    const gone = new Promise((resolve) => parent.once("exit", resolve));
    const { app, kgsync } = await whoRuns(`${report}-log`);
    await ready(report);
    return {
      send: (signal) => void process.kill(kgsync, signal),
      lines: () => linesOf(report),
      stopped: async () => stoppedOf(kgsync, app),
      // the app must not live longer
      ended: async () => (alive(kgsync) || alive(app) ? undefined : numberIn(`${report}-code`)),
      close: async () => {
        kill(kgsync, app);
        await gone;
        expect(linesOf(`${report}-log`).join("\n")).not.toMatch(MISLEADING);
      },
    };
  };
  expectColumn("Signal", "Not PID 1", await observeSignals(start));
});

/** Types a kgsync into a shell, as a person does. */
const startJob = async (here: ReturnType<typeof place>, command: string) => {
  const report = here.nextReport();
  const log = `${report}-log`;
  const shell = openShell(here.root, { ...here.base, ...ENV, REPORT: report });
  shell.type(`${kgsyncRun().join(" ")} ${command} 2>'${log}'\n`);
  const { app, kgsync } = await whoRuns(log);
  const close = async (): Promise<void> => {
    kill(kgsync, app);
    await shell.close();
    expect(linesOf(log).join("\n")).not.toMatch(MISLEADING);
  };
  /** What the shell says of the last command. */
  const code = async (): Promise<number> => {
    shell.type(`echo $? >'${report}-code'\n`);
    await vi.waitFor(() => expect(numberIn(`${report}-code`)).toBeDefined(), PATIENCE);
    return numberIn(`${report}-code`) ?? -1;
  };
  return { shell, report, app, kgsync, close, code };
};

test("what the app observes of each signal to a kgsync that is a shell's job", { timeout: 300_000 }, async () => {
  const here = place();
  const start = async (): Promise<Observed> => {
    const { report, app, kgsync, close, code } = await startJob(here, COUNTER.join(" "));
    await ready(report);
    return {
      send: (signal) => void process.kill(kgsync, signal),
      lines: () => linesOf(report),
      stopped: async () => stoppedOf(kgsync, app),
      ended: async () => (alive(kgsync) || alive(app) ? undefined : code()),
      close,
    };
  };
  expectColumn("Signal", "Job of a shell", await observeSignals(start));
});

test("what the app observes of the keyboard as a shell's job", async () => {
  const here = place();
  const { shell, report, app, kgsync, close } = await startJob(here, COUNTER.join(" "));
  onTestFinished(close);
  await ready(report);
  const observed = await observeKeys(shell, {
    lines: () => linesOf(report),
    stopped: async () => stoppedOf(kgsync, app),
    wake: () => shell.type("fg\n"),
    fence: (signal) => void process.kill(kgsync, signal),
  });
  expectColumn("Key", "Job of a shell", observed);
});

test("what is sent instead: TERM arrives as QUIT, HUP not at all, and the shutdown is TERM's", async () => {
  const here = place();
  const report = here.nextReport();
  const env = { ...ENV, REPORT: report, KGSYNC_SIGNAL_MAP: "TERM:QUIT,HUP:0" };
  const run = here.start(["run", "--", ...COUNTER], env);
  const app = Number((await run.waitForEvent("child.started"))["pid"]);
  await ready(report);
  for (const signal of ["SIGHUP", "SIGTERM"] as const) {
    run.signal(signal);
    run.signal("SIGPWR");
    const pwr = signal === "SIGHUP" ? 1 : 2;
    await vi.waitFor(() => expect(linesOf(report).filter((line) => line === "got 30")).toHaveLength(pwr), PATIENCE);
  }
  await vi.waitFor(() => expect(linesOf(report)).toContain("got 3"), PATIENCE);
  await run.waitForEvent("stop.plan");
  expect(linesOf(report).toSorted()).toEqual(["got 3", "got 30", "got 30", "ready"]);
  kill(app);
  expect(await run.ended).toEqual({ code: 137, signal: null });
});

/** Waits until that group is in the foreground of a process' terminal (field 8 of proc_pid_stat(5)). */
const foregroundIs = (pid: number, leader: number): Promise<void> =>
  vi.waitFor(() => {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    expect(Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[5])).toBe(leader);
  }, PATIENCE);

/**
 * It has dealt with its CONT, which it passes on: a Ctrl-Z in the same millisecond as the fg would stop the app, and what is
 * passed on would wake it again. Seen by two looks between which it has not run.
 */
const atRest = async (pid: number): Promise<void> => {
  const ran = (): string =>
    readFileSync(`/proc/${pid}/status`, "utf8")
      .match(/ctxt_switches:.*/g)
      ?.join() ?? "";
  let before = "";
  await vi.waitFor(
    () => {
      const [last, now] = [before, ran()];
      before = now;
      expect(now).toBe(last);
    },
    { timeout: 60_000, interval: 250 },
  );
};

test("a shell has job control over kgsync: Ctrl-Z stops it and the app, fg continues both, Ctrl-C ends both once", async () => {
  const here = place();
  const script = `'trap "echo got INT; exit 9" INT; while :; do sleep 0.05; done'`;
  const { shell, app, kgsync, close, code } = await startJob(here, `sh -c ${script}`);
  onTestFinished(close);
  const bash = lookAt(kgsync)?.parent ?? 0;
  const group = lookAt(kgsync)?.group ?? 0;
  expect(lookAt(app)?.group).toBe(group);
  for (const _ of [1, 2]) {
    await foregroundIs(bash, group);
    shell.type("\u001a");
    // D: the shell that is the app was starting a program by vfork(2), and that one was stopped before it began.
    const stopped = expect.stringMatching(/^[TD]$/);
    await vi.waitFor(() => expect([stateOf(kgsync), stateOf(app)]).toEqual(["T", stopped]), PATIENCE);
    await foregroundIs(bash, lookAt(bash)?.group ?? 0);
    shell.type("fg\n");
    await vi.waitFor(() => expect([stateOf(kgsync), stateOf(app)]).not.toContain("T"), PATIENCE);
    await atRest(kgsync);
  }
  await foregroundIs(bash, group);
  shell.type("\u0003");
  await foregroundIs(bash, lookAt(bash)?.group ?? 0);
  expect(await code()).toBe(9);
  expect(shell.screen().match(/got INT\r\n/g)).toHaveLength(1);
  expect([alive(kgsync), alive(app)]).toEqual([false, false]);
});

test("bg: stopped by Ctrl-Z, kgsync and its app go on in the background, and stop as ever by TERM", async () => {
  const here = place();
  const { shell, app, kgsync, close, code } = await startJob(here, "sleep 600");
  onTestFinished(close);
  const bash = lookAt(kgsync)?.parent ?? 0;
  await foregroundIs(bash, lookAt(kgsync)?.group ?? 0);
  shell.type("\u001a");
  await vi.waitFor(() => expect([stateOf(kgsync), stateOf(app)]).toEqual(["T", "T"]), PATIENCE);
  shell.type("bg\n");
  await vi.waitFor(() => expect([stateOf(kgsync), stateOf(app)]).not.toContain("T"), PATIENCE);
  shell.type("kill %1; wait %1\n");
  expect(await code()).toBe(143);
});
