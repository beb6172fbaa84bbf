import { writeTerminationLog } from "../adapters/termination-log.ts";
import type { Io } from "../app/io.ts";
import type { Notices } from "../app/notices.ts";
import type { Facts } from "../app/perform-types.ts";
import type { Ending } from "../app/session.ts";
import type { StatusFile } from "../app/status-file.ts";
import type { Config } from "../config/schema.ts";
import type { ChildStatus } from "../core/child-status.ts";
import { ERRORS } from "../core/errors.ts";
import { signalName } from "../core/signals.ts";
import type { Program } from "./program.ts";
import { recoveryCommand } from "./recovery-command.ts";

type End = {
  readonly program: Program;
  readonly config: Config;
  readonly io: Io;
  /** The app is another container's: how it ended is not known here. */
  readonly beside: boolean;
  readonly facts: Facts;
  readonly ending: Ending;
  readonly status: StatusFile;
  readonly closeLog: () => void;
  readonly notices: Notices | undefined;
  /** See `Performing`. */
  readonly left: () => number;
};

/** Twice this, for releasing and for flushing, is less than the 250 ms that the stop plan leaves of the smallest grace. */
const LEAVE_MS = 100;
/** Nobody presses: a slow disk may take its time to have the last status whole. */
const UNHURRIED_MS = 2000;
/** The most that they may take at a stop, of what the last push has left of the time. */
const NOTICES_MS = 1000;
/** Before the program waits no longer: what is still on its way is ended. */
const END_NOTICES_MS = 20;

/** The last line says in words how it ended and whether the data is safe; it also goes to the termination log. */
export const endRun = async (end: End): Promise<number> => {
  const { program, config, io, beside, facts, ending, status, closeLog, notices, left } = end;
  const words = lastWords(ending, facts, io, beside);
  const fields = { code: ending.code, data: ending.data };
  if (ending.data === "unsafe") io.log.error("end", words, { ...fields, recover: recoveryCommand(config, io.paths) });
  else if (facts.failure() !== undefined) io.log.error("end", words, { ...fields, hint: facts.failure()?.hint });
  else if (ending.state.fault === "fenced") io.log.error("end", words, { ...fields, hint: ERRORS["lease-busy"].hint });
  else io.log.info("end", words, fields);
  closeLog();
  if (config.terminationLog !== undefined)
    writeTerminationLog(config.terminationLog, `${words} (exit ${ending.code}, data=${ending.data})`);
  const leave = status.close({ ...fields, words }).then(() => facts.lock()?.release());
  const leaveMs = ending.state.stop === undefined ? UNHURRIED_MS : LEAVE_MS + Math.max(0, Math.min(NOTICES_MS, left()));
  const told = notices?.close(leaveMs - END_NOTICES_MS);
  await Promise.race([Promise.all([leave, told]), program.clock.sleep(leaveMs)]);
  await program.sink.flush(LEAVE_MS);
  io.store.close();
  return ending.code;
};

const lastWords = (ending: Ending, facts: Facts, io: Io, beside: boolean): string => {
  const { data, state } = ending;
  const again = state.saved === "untouched" ? "" : " again";
  const failure = facts.failure();
  const start = beside ? "watch" : "start the app";
  if (failure !== undefined) return `kgsync did not ${start}${again}: ${failure.message}`;
  const app =
    state.child === undefined ? withoutEnd(state, again) : beside ? ofWatch(state) : `the app ${howEnded(state.child)}`;
  const words = state.fault === "fenced" ? `the lease is lost (${facts.fenced()}); ${app}` : app;
  if (data === "safe") return `${words}; all its data is in ${io.store.name}`;
  if (data === "untouched") {
    const holder = facts.readonlyUnder();
    return state.child === undefined || holder === undefined
      ? words
      : `${words}; what it saved was not to be pushed, because ${holder} holds the lease`;
  }
  const why = facts.lastPush()?.why ?? "the time was up before the bucket had answered";
  return `${words}; its last save is NOT known to be in ${io.store.name}: ${why}. The files are kept: ${io.paths.graph}`;
};

/** Nothing was sent to an app that did not run. */
const withoutEnd = ({ stop, fault, sent }: Ending["state"], again: string): string => {
  if (sent.length > 0) return "the app could not be ended";
  if (fault === "disowned") return `another kgsync took the files over before the app was started${again}`;
  if (fault !== "none" || stop === undefined) return `stopped before the app was started${again}`;
  return `stopped by ${signalName(stop)} before the app was started${again}`;
};

const ofWatch = ({ stop, fault }: Ending["state"]): string => {
  if (fault === "disowned") return "another kgsync took the files over, and the watch has ended";
  return stop === undefined ? "the watch has ended" : `the watch was ended by ${signalName(stop)}`;
};

const howEnded = (child: ChildStatus): string =>
  child.kind === "exited" ? `ended with ${child.code}` : `was ended by ${signalName(child.signal)}`;
