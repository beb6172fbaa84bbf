import { writeSync } from "node:fs";
import { takeSignals } from "./adapters/process-signals.ts";
import { writeTerminationLog } from "./adapters/termination-log.ts";
import { type Invocation, parseArgv } from "./commands/parse-argv.ts";
import { type InspectRequest, isInspect } from "./commands/parse-inspect.ts";
import { createProgram, openLog, type Program, readConfig } from "./commands/program.ts";
import { watchProgress } from "./commands/watch-progress.ts";
import type { Config } from "./config/schema.ts";
import { toKgsyncError } from "./core/errors.ts";
import { STOP_SIGNALS } from "./core/signals.ts";
import type { Log } from "./ports/log.ts";
import { VERSION } from "./version.ts";

/** Whole, also into a pipe: a command prints once, before it ends, and no child shares the description. */
const print = (output: string | Uint8Array): void => {
  let left = typeof output === "string" ? Buffer.from(output) : output;
  while (left.length > 0) left = left.subarray(writeSync(1, left));
};

/** For commands without a child: the first stop signal ends them, with 128 + n. */
const stopSignal = (): { readonly signal: AbortSignal; readonly number: () => number | undefined } => {
  const controller = new AbortController();
  let number: number | undefined;
  takeSignals((signal) => {
    if (!STOP_SIGNALS.includes(signal)) return;
    number ??= signal;
    controller.abort();
  });
  return { signal: controller.signal, number: () => number };
};

const perform = async (program: Program, invocation: Invocation): Promise<number> => {
  switch (invocation.command) {
    case "version":
      print(`${VERSION}\n`);
      return 0;
    case "help": {
      const { helpText } = await import("./commands/help.ts");
      print(helpText(invocation.topic));
      return invocation.exit;
    }
    case "completion": {
      const { completionScript } = await import("./commands/completion.ts");
      print(completionScript(invocation.shell));
      return 0;
    }
    case "install": {
      const { install } = await import("./commands/install.ts");
      return install(program, invocation.request);
    }
    case "merge-file": {
      const log = openLog(program, undefined);
      const { mergeFile } = await import("./commands/merge-file.ts");
      const code = await mergeFile(program, log, invocation.request);
      await program.sink.flush(500);
      return code;
    }
    default:
      return performConfigured(program, invocation);
  }
};

type Configured = Exclude<Invocation, { command: "version" | "help" | "completion" | "merge-file" | "install" }>;

const performConfigured = async (program: Program, invocation: Configured): Promise<number> => {
  const loaded = readConfig(program, invocation.flags);
  const { config } = loaded;
  const log = openLog(program, config);
  switch (invocation.command) {
    case "config": {
      const { renderConfig } = await import("./commands/config.ts");
      print(renderConfig(loaded, program.env, invocation.format));
      return 0;
    }
    case "health": {
      const { health } = await import("./commands/health.ts");
      const { well, words } = await health(program, config);
      print(`${words}\n`);
      return well ? 0 : 1;
    }
    case "doctor": {
      const { doctor } = await import("./commands/doctor/doctor.ts");
      return stoppable((signal) => doctor(program, loaded, invocation.json, signal));
    }
    default:
      for (const warning of loaded.warnings) log.warn("config.warning", warning);
      return fail(program, log, besideAnother(invocation, config), async () => {
        const progress = await watchProgress(program, config, "json" in invocation && invocation.json);
        return performFiles({ ...program, progress }, invocation, config, log);
      });
  }
};

/** A tool beside an app has no say in what Kubernetes shows as the app's last word. */
const besideAnother = ({ command }: Configured, config: Config): Config =>
  BESIDE.has(command) || isInspect(command) ? { ...config, terminationLog: undefined } : config;

const BESIDE: ReadonlySet<string> = new Set(["copy", "exec", "lease", "prune", "sync", "status"]);

const isInspection = (invocation: Configured): invocation is InspectRequest => isInspect(invocation.command);

const performFiles = async (
  program: Program,
  invocation: Exclude<Configured, { command: "config" | "health" | "doctor" }>,
  config: Config,
  log: Log,
): Promise<number> => {
  if (invocation.command === "run") {
    const { run } = await import("./commands/run.ts");
    return run(program, config, log, invocation.argv);
  }
  if (invocation.command === "watch") {
    const { watch } = await import("./commands/watch.ts");
    return watch(program, config, log);
  }
  if (invocation.command === "exec") {
    const { exec } = await import("./commands/exec.ts");
    return exec(program, config, log, invocation.argv);
  }
  const { withFiles } = await import("./commands/with-files.ts");
  return stoppable(async (signal) => {
    if (invocation.command === "lease") {
      const { lease } = await import("./commands/lease.ts");
      return lease(program, config, log, invocation, signal);
    }
    if (invocation.command === "prune") {
      const { prune } = await import("./commands/prune.ts");
      return prune(program, config, log, invocation, signal);
    }
    if (invocation.command === "copy") {
      const { copy } = await import("./commands/copy.ts");
      return copy(program, config, log, invocation, signal);
    }
    if (isInspection(invocation)) {
      const { inspect } = await import("./commands/inspect.ts");
      return inspect(program, config, log, invocation, signal);
    }
    if (invocation.command === "sync") {
      const { sync } = await import("./commands/sync.ts");
      return sync(program, config, log, invocation, signal);
    }
    if (invocation.command === "status") {
      const { status } = await import("./commands/status.ts");
      return status(program, config, log, invocation.json, signal);
    }
    if (invocation.command === "push") {
      const { push } = await import("./commands/push.ts");
      return withFiles(program, config, log, signal, (io) => push(io, invocation.allowShrink, signal));
    }
    const { pull } = await import("./commands/pull.ts");
    return withFiles(program, config, log, signal, (io) => pull(io, signal));
  });
};

const stoppable = async (work: (signal: AbortSignal) => Promise<number>): Promise<number> => {
  const stop = stopSignal();
  try {
    return await work(stop.signal);
  } catch (thrown) {
    const number = stop.number();
    if (number === undefined) throw thrown;
    return 128 + number;
  }
};

/** A container that fails on its settings has to say so where Kubernetes looks; what a person types has not. */
const lastLinePath = ({ env }: Program): string | undefined =>
  process.argv[2] === "run" || process.argv[2] === "watch"
    ? (env["KGSYNC_TERMINATION_LOG"] ?? "/dev/termination-log")
    : undefined;

/** Where every error ends: one line for people, with what to do next. */
const fail = async (
  program: Program,
  log: Log,
  config: Config | undefined,
  work: () => Promise<number>,
): Promise<number> => {
  try {
    return await work();
  } catch (thrown) {
    const error = toKgsyncError(thrown);
    log.error("failed", error.message, { code: error.exit, error: error.code, hint: error.hint });
    log.debug("failed.cause", "the error with its stack and cause", { err: error });
    const last = config === undefined ? lastLinePath(program) : config.terminationLog;
    if (last !== undefined) writeTerminationLog(last, `${error.message} (exit ${error.exit})`);
    await program.sink.flush(500);
    return error.exit;
  }
};

const program = createProgram(process.env, print);
const main = (): Promise<number> => perform(program, parseArgv(process.argv.slice(2)));
// The only exit: open sockets and timers must not keep a container that has ended.
void fail(program, openLog(program, undefined), undefined, main).then((code) => {
  // `process.exit` joins its threads, and one of them may wait for a log that nobody reads. execve(2) waits for nobody.
  if (program.sink.stuck() && process.execve !== undefined)
    process.execve(process.execPath, [process.execPath, "-e", `process.exit(${code})`], process.env);
  process.exit(code);
});
