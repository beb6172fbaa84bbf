import { findProgram } from "../adapters/execa-child/find-program.ts";
import { findTerminal, type Terminal } from "../adapters/execa-child/find-terminal.ts";
import { watchFiles } from "../adapters/file-watch.ts";
import { findStrayGraph } from "../adapters/find-stray-graph.ts";
import { suspend, takeSignals } from "../adapters/process-signals.ts";
import { takeWarnings } from "../adapters/process-warnings.ts";
import { createAppBeside } from "../app/app-beside.ts";
import { claimGraph } from "../app/claim-graph.ts";
import { createClosingLog } from "../app/closing-log.ts";
import { createHints, type Hints } from "../app/hints.ts";
import type { Io, Paths } from "../app/io.ts";
import { createKeepLease } from "../app/keep-lease.ts";
import type { Notices } from "../app/notices.ts";
import { createPerform } from "../app/perform.ts";
import type { Run } from "../app/perform-types.ts";
import { type Ending, runSession } from "../app/session.ts";
import { createStatusFile } from "../app/status-file.ts";
import { createSyncDesk } from "../app/sync-desk.ts";
import { childEnv } from "../config/child-env.ts";
import type { Config } from "../config/schema.ts";
import { wantsNotices } from "../config/wants-notices.ts";
import { KgsyncError } from "../core/errors.ts";
import { signalRules } from "../core/signal-rules.ts";
import { KILL, STOP_SIGNALS, TERM, TSTP } from "../core/signals.ts";
import type { Log } from "../ports/log.ts";
import { VERSION } from "../version.ts";
import { answerOthers } from "./answer-others.ts";
import { type BuiltIo, buildIo, recoverFiles } from "./build-io.ts";
import { endRun } from "./end-run.ts";
import { findLocks } from "./find-locks.ts";
import type { Http } from "./open-http.ts";
import { ownFiles } from "./own-files.ts";
import type { Program } from "./program.ts";
import { bucketText } from "./recovery-command.ts";
import { checkLayout, mountWarning, resolvePaths } from "./resolve-paths.ts";

/** The longest that one request may take as a whole, beside the limit on standing still. */
const ATTEMPT_MS = 120_000;

/** Of `kgsync exec`, whose tool runs as an app does. */
export type Guest = {
  /** Beside what the settings leave of the environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Called when the program has ended, before the last line. */
  readonly ended: (ending: Ending) => void;
};

/** `kgsync run`: the life of a container. `beside`: the app is somebody else's, see `watch`. Resolves with the exit code. */
export const run = async (
  program: Program,
  config: Config,
  openedLog: Log,
  argv: readonly [string, ...string[]] | "beside",
  guest?: Guest,
): Promise<number> => {
  const { log: ownLog, close: closeLog } = createClosingLog(openedLog);
  const env = { ...childEnv(program.env, config), ...guest?.env };
  const beside = argv === "beside";
  const found = beside ? "" : findProgram(argv[0], env["PATH"], config.cwd);
  if (typeof found !== "string") throw nameSetting(found);
  const paths = resolvePaths(config);
  checkLayout(config, paths);
  const notices = await noticesOf(program, config, ownLog, paths);
  const log = notices?.log ?? ownLog;
  sayAtStart(config, paths, log);
  const terminal: Terminal = beside ? { kind: "none" } : findTerminal(env["PATH"]);
  // On a terminal INT and QUIT belong to the app: an interactive program lives on after them.
  const signalMap = beside ? new Map<number, number>() : config.signalMap; // nobody is sent anything
  const rules = signalRules(config.stopSignals, signalMap, terminal.kind !== "none");
  const wakes = new Set([...STOP_SIGNALS, ...config.stopSignals.flatMap((signal) => rules.as(signal) ?? [])]);
  const http = await createHttp(program, config, beside, log);
  const { io: bareIo, tidy } = await buildIo(program, config, paths, log, http?.monitor);
  const io: Io = { ...bareIo, beforePush: notices?.beforePush };
  const tidyOnce = once(() => tidyLater(tidy, log));
  // execa takes as long to load as a request takes to be answered: it is loaded while the bucket is waited for.
  const loadSpawn = () => import("../adapters/execa-child/spawn-child.ts");
  const answer = (line: string): Promise<string> => answerOthers(line, status, desk);
  const { perform, facts, close, left } = createPerform({
    io,
    own: async (signal) => {
      await http?.listen({ bucket: io.store.name, facts, status: status.current });
      const owned = await ownFiles(await findLocks(program, paths, log, answer), config.onLocalBusy, log, signal);
      if (owned !== undefined) await recoverFiles(paths, log);
      return owned;
    },
    beside,
    prepareSpawn: () => void (beside || loadSpawn()),
    spawn: async () => {
      program.progress?.end(); // the terminal is the app's from here on
      if (beside) return createAppBeside(program.clock, new Set([...rules.stops, TERM, KILL]), process.pid);
      const { createSpawn } = await loadSpawn();
      return createSpawn({ clock: program.clock, terminal, wakes })({ argv, cwd: config.cwd, env });
    },
    watch: (look, pid) => {
      tidyOnce();
      return startWatching(io, config, beside ? look : withStrayCheck(io, config, pid, look));
    },
    lease: leaseRules(config, io),
    onRemoteChange: remoteRule(config),
    graceMs: config.grace,
    quiesceMs: config.quiesce,
    attemptMs: ATTEMPT_MS,
  });
  const status = createStatusFile(io, facts, { version: VERSION, writer: io.writer });
  const desk = createSyncDesk(program.clock, facts);
  takeWarnings((warning) => log.debug("node.warning", "a warning of Node", { err: warning }));
  const ending = await runSession(
    rules,
    (post) => {
      desk.open(post);
      takeSignals((signal) => {
        // As one job of a shell both are stopped and woken together, by the terminal and by the shell.
        if (terminal.kind === "shared" && signal === TSTP) suspend();
        else post({ type: "signal", signal });
      });
      process.on("uncaughtException", (err) => {
        log.error("bug", "a defect of kgsync: the app is stopped and what can be saved is saved", { err });
        post({ type: "bug" });
      });
    },
    perform,
    (from, event, to) => {
      status.step(event, to);
      desk.step(from, event, to);
      notices?.step(event);
      http?.monitor.step(from, event, to);
    },
    config.lease,
  );
  http?.close();
  await close();
  guest?.ended(ending);
  return endRun({ program, config, io, beside, facts, ending, status, closeLog, notices, left });
};

/** Loaded only where somebody is to be told something. */
const noticesOf = async (program: Program, config: Config, log: Log, paths: Paths): Promise<Notices | undefined> => {
  if (!wantsNotices(config)) return undefined;
  const { buildNotices } = await import("./build-notices.ts");
  return buildNotices(program, config, log, { bucket: bucketText(config), graph: paths.graph });
};

/** Nothing of it is loaded by those who do without. */
const createHttp = async (program: Program, config: Config, beside: boolean, log: Log): Promise<Http | undefined> => {
  if (config.http === undefined) return undefined;
  const { openHttp } = await import("./open-http.ts");
  return openHttp(program, config, config.http, beside, log);
};

/** Whoever counts as ready only when its app runs asks for the lease: an orchestrator would never stop the holder otherwise. */
const leaseRules = (config: Config, io: Io): Run["lease"] =>
  config.lease
    ? {
        keep: createKeepLease(io, { ttlMs: config.leaseTtl }),
        onBusy: config.onLeaseBusy,
        ask: config.readyWhen === "serving",
        claim: claimGraph,
      }
    : undefined;

/** Of a run without a timer, which has still asked to be told. */
const REMOTE_EVERY_MS = 60_000;

const remoteRule = ({ onRemoteChange: rule, interval }: Config): Run["onRemoteChange"] => {
  const everyMs = interval === 0 ? REMOTE_EVERY_MS : interval;
  if (rule.kind === "signal") return { ...rule, everyMs };
  return rule.kind === "restart" ? { kind: rule.kind, everyMs } : undefined;
};

/** The app may be started more than once. */
const once = (work: () => void): (() => void) => {
  let done = false;
  return () => {
    if (!done) work();
    done = true;
  };
};

/** Of what makes the command unfit, only the working directory is a setting. */
const nameSetting = (error: KgsyncError): KgsyncError =>
  error.code === "config-invalid" ? new KgsyncError(error.code, `KGSYNC_CWD: ${error.message}`) : error;

const startWatching = (io: Io, config: Config, look: () => void): Hints => {
  const hints = createHints({
    clock: io.clock,
    random: io.random,
    debounceMs: config.debounce,
    intervalMs: config.interval,
    gapMs: config.bucket.scheme === "git" ? config.gitInterval : 0,
    look,
  });
  if (!config.watch) return hints;
  const { graph, backups, documents = [] } = io.paths;
  const paths = (set: boolean) =>
    documents.flatMap(({ mode, path }) => ((mode === "immutable-set") === set ? [path] : []));
  const folders = [...(backups === undefined ? [] : [backups]), ...paths(true)];
  const watchers = [graph, ...paths(false)].map((file) =>
    watchFiles({ file, folders: file === graph ? folders : [] }, hints.changed, (err) =>
      io.log.warn("watch.unavailable", "changes are noticed by the timer only", { err }),
    ),
  );
  hints.changed(); // a save between the spawn and this line would have been missed
  return {
    ...hints,
    close: () => {
      for (const watcher of watchers) watcher.close();
      hints.close();
    },
  };
};

/** What an earlier run left half uploaded costs money; the start does not wait for it. */
const tidyLater = (tidy: BuiltIo["tidy"], log: Log): void => {
  void tidy(new AbortController().signal).then(
    (count) =>
      count > 0 && log.info("bucket.tidied", "uploads that an earlier run had not finished were removed", { count }),
    (err: unknown) => log.debug("bucket.not-tidied", "unfinished uploads could not be looked for", { err }),
  );
};

/** Every look also asks, until it is so once, whether the app writes another file than the one that is kept in step. */
const withStrayCheck = (io: Io, config: Config, pid: number, look: () => void): (() => void) => {
  const since = io.clock.now().wall;
  let told = false;
  return () => {
    look();
    const stray = told ? undefined : findStrayGraph(pid, config.graph, io.paths.graph, since);
    if (stray === undefined) return;
    told = true;
    io.log.error("watch.stray-graph", "the app writes another graph than the one that is kept in step", {
      app: stray,
      kgsync: io.paths.graph,
      hint: "Set KGSYNC_CWD, or KGSYNC_GRAPH, so that both are the same file.",
    });
  };
};

const sayAtStart = (config: Config, paths: Paths, log: Log): void => {
  const warning = mountWarning(paths);
  if (warning !== undefined) log.warn("start.mount", warning);
  if (process.pid === 1)
    log.warn("start.pid1", "kgsync is PID 1 and no tini was found: orphaned processes stay as zombies; install tini");
  log.info("start", "kgsync starts", {
    graph: paths.graph,
    backups: paths.backups,
    state: paths.state,
    ...(paths.documents?.length ? { documents: paths.documents.map(({ name, mode }) => `${name}:${mode}`) } : {}),
    graceMs: config.grace,
  });
};
