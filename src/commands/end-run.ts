import { writeTerminationLog } from "../adapters/termination-log.ts";
import type { Io } from "../app/io.ts";
import type { Facts } from "../app/perform.ts";
import type { Ending } from "../app/session.ts";
import type { StatusFile } from "../app/status-file.ts";
import type { Config } from "../config/schema.ts";
import type { ChildStatus } from "../core/child-status.ts";
import { signalName } from "../core/signals.ts";
import type { Program } from "./program.ts";
import { recoveryCommand } from "./recovery-command.ts";

type End = {
  readonly program: Program;
  readonly config: Config;
  readonly io: Io;
  readonly facts: Facts;
  readonly ending: Ending;
  readonly status: StatusFile;
  readonly closeLog: () => void;
};

/** Twice this, for releasing and for flushing, is less than the 250 ms that the stop plan leaves of the smallest grace. */
const LEAVE_MS = 100;

/** The last line says in words how it ended and whether the data is safe; it also goes to the termination log. */
export const endRun = async ({ program, config, io, facts, ending, status, closeLog }: End): Promise<number> => {
  const words = lastWords(ending, facts, io);
  const fields = { code: ending.code, data: ending.data };
  if (ending.data === "unsafe") io.log.error("end", words, { ...fields, recover: recoveryCommand(config, io.paths) });
  else if (ending.data === "untouched" && facts.failure() !== undefined)
    io.log.error("end", words, { ...fields, hint: facts.failure()?.hint });
  else io.log.info("end", words, fields);
  closeLog();
  if (config.terminationLog !== undefined)
    writeTerminationLog(config.terminationLog, `${words} (exit ${ending.code}, data=${ending.data})`);
  const leave = status.close({ ...fields, words }).then(() => facts.lock()?.release());
  await Promise.race([leave, program.clock.sleep(LEAVE_MS)]);
  await program.sink.flush(LEAVE_MS);
  io.store.close();
  return ending.code;
};

const lastWords = ({ data, state }: Ending, facts: Facts, io: Io): string => {
  const failure = facts.failure();
  if (failure !== undefined) return `kgsync did not start the app: ${failure.message}`;
  if (data === "untouched") return `stopped by ${signalName(state.stop ?? 0)} before the app was started`;
  const app = `the app ${howEnded(state.child)}`;
  if (data === "safe") return `${app}; all its data is in ${io.store.name}`;
  const why = facts.lastPush()?.why ?? "the time was up before the bucket had answered";
  return `${app}; its last save is NOT known to be in ${io.store.name}: ${why}. The files are kept: ${io.paths.graph}`;
};

const howEnded = (child: ChildStatus | undefined): string => {
  if (child === undefined) return "could not be ended";
  return child.kind === "exited" ? `ended with ${child.code}` : `was ended by ${signalName(child.signal)}`;
};
