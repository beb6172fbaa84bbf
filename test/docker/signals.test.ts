import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { fixture } from "../support/child-box.ts";
import { docker, runClient } from "../support/docker.ts";
import { createLab, SAMPLE_IMAGE } from "../support/docker-lab.ts";
import { type Observed, observeKeys, observeSignals } from "../support/observe-signals.ts";
import { openTerminal } from "../support/open-terminal.ts";
import { type Column, expectColumn } from "../support/signals-table.ts";
import { tempDir } from "../support/temp-dir.ts";

const lab = createLab();
const PATIENCE = { timeout: 60_000, interval: 20 };
const COUNTER = ["node", "--input-type=module", "--eval", readFileSync(fixture("count-signals.mjs"), "utf8")];
const ENV = { KGSYNC_BUCKET: "file:///data/bucket", KGSYNC_GRACE: "10m", REPORT: "/report/report" };
const MISLEADING = /Debugger|"level":"?(?:warn|error)/;

/** Asks once in so many times: a look into a container takes far longer than one at the report. */
const seldom = <T>(ask: () => Promise<T>): (() => Promise<T | undefined>) => {
  let times = 0;
  return async () => (++times % 16 === 0 ? ask() : undefined);
};

/** A folder of the host for the report, and the option that mounts it: the container's user is another one than ours. */
const reportFolder = (whenFinished: (work: () => void) => void) => {
  const folder = tempDir(whenFinished);
  chmodSync(folder, 0o755);
  writeFileSync(join(folder, "report"), "");
  chmodSync(join(folder, "report"), 0o666);
  return { folder, mount: ["--volume", `${folder}:/report`] };
};

/** The container with that id, and what can be seen in it. */
const observed = async (id: string, folder: string) => {
  const inside = (script: string) => runClient("docker", ["exec", id, "sh", "-c", script]);
  const log = async () => (await docker("logs", id)).toString();
  const lines = () => readFileSync(join(folder, "report"), "utf8").split("\n").slice(0, -1);
  const running = async () =>
    (await docker("inspect", "--format", "{{.State.Running}} {{.State.ExitCode}}", id)).split(" ");
  await vi.waitFor(() => expect(lines()).toContain("ready"), PATIENCE);
  /** State letters of tini (PID 1), kgsync and the app: a nested tini leads the app's terminal and is never stopped. */
  const stopped = async (): Promise<"app" | "kgsync" | "tini" | undefined> => {
    const { stdout } = await inside(
      `cat /proc/[0-9]*/stat; for p in /proc/[0-9]*; do echo "$p $(tr '\\0' ' ' <$p/cmdline)"; done`,
    );
    const text = stdout.toString();
    const state = (pid: string | undefined) => new RegExp(`^${pid} \\(.*\\) (\\w) `, "m").exec(text)?.[1];
    if (state("1") === "T") return "tini";
    if (state(/^\/proc\/(\d+) \S*node \S*kgsync.cjs run/m.exec(text)?.[1]) === "T") return "kgsync";
    return state(/^\/proc\/(\d+) node --input-type/m.exec(text)?.[1]) === "T" ? "app" : undefined;
  };
  const at: Observed = {
    send: async (signal) => void (await docker("kill", "--signal", String(signal), id)),
    lines,
    stopped: seldom(stopped),
    ended: seldom(async () => {
      const [runs, code] = await running();
      return runs === "true" ? undefined : Number(code);
    }),
    close: async () => {
      expect(await log()).not.toMatch(MISLEADING);
      await docker("rm", "--force", id);
    },
  };
  return { ...at, log };
};

test.concurrent.for<[Column, readonly string[]]>([
  ["Container", []],
  ["`docker run -it`", ["--interactive", "--tty"]],
])("what the app observes of each signal that the engine sends: %s", async ([column, flags], { onTestFinished }) => {
  const start = async () => {
    const { folder, mount } = reportFolder(onTestFinished);
    return observed((await lab.start({ flags: [...flags, ...mount], env: ENV, command: COUNTER })).id, folder);
  };
  expectColumn("Signal", column, await observeSignals(start));
});

test("what the app observes of the keyboard under docker run -it", async () => {
  const { folder, mount } = reportFolder(onTestFinished);
  const settings = Object.entries(ENV).map(([name, value]) => `--env ${name}=${value}`);
  const run = `docker run --interactive --tty --cidfile id --label ${lab.label} ${mount.join(" ")} ${settings.join(" ")}`;
  const app = `${SAMPLE_IMAGE} node --input-type=module --eval "$APP"`;
  const terminal = openTerminal(folder, `${run} ${app}`, { APP: COUNTER[3] ?? "" });
  onTestFinished(terminal.close);
  const id = () => readFileSync(join(folder, "id"), "utf8");
  await vi.waitFor(() => expect(id()).toMatch(/^\w{64}$/), PATIENCE);
  const at = await observed(id(), folder);
  const wake = () => void docker("kill", "--signal", "CONT", id());
  expectColumn("Key", "`docker run -it`", await observeKeys(terminal, { ...at, fence: at.send, wake }));
  await at.close();
});
