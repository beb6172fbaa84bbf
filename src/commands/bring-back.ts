import { askTerminal, canAsk } from "../adapters/ask-terminal.ts";
import { type Budget, createBudget } from "../app/budget.ts";
import { checkDisk } from "../app/check-disk.ts";
import { ensureSafeStore } from "../app/ensure-safe-store.ts";
import type { FoundDocument } from "../app/find-document.ts";
import { followRestored } from "../app/follow-restored.ts";
import type { Io } from "../app/io.ts";
import { placeOf } from "../app/keys.ts";
import { replaceGraph } from "../app/replace-graph.ts";
import { openStateFolder, type StateFolder } from "../app/state-folder.ts";
import type { Config } from "../config/schema.ts";
import { KgsyncError } from "../core/errors.ts";
import { emptyState } from "../core/state.ts";
import type { Log } from "../ports/log.ts";
import type { StoredObject } from "../ports/object-store.ts";
import { compareDocuments } from "./compare-documents.ts";
import type { Program } from "./program.ts";
import { renderDiff } from "./render-diff.ts";
import { renderDiffJson } from "./render-diff-json.ts";
import { useColour } from "./use-colour.ts";
import { withBucket } from "./with-bucket.ts";
import { withFiles } from "./with-files.ts";

/** How a person wants it done. */
export type BringBackOptions = {
  readonly dryRun: boolean;
  /** Without being asked. */
  readonly yes: boolean;
  /** The files on this machine are neither read nor written; beside a running app the only way. */
  readonly bucketOnly: boolean;
  /** The preview for programs. */
  readonly json: boolean;
};

export type BringBack = BringBackOptions & {
  /** What the bucket's graph is to be, made of what it is now. */
  readonly make: (io: Io, current: StoredObject | undefined, budget: Budget) => Promise<FoundDocument>;
  /** After it is the bucket's graph, or was it already. */
  readonly done?: (io: Io, budget: Budget) => Promise<void>;
};

const DONE = 0;
const DECLINED = 1;

/**
 * Shows what would change in the bucket's graph, asks, keeps what is there now as a version, and puts the other in its place: over
 * just the version that was shown. The disk follows, if it has a graph. Answers the exit code: 0, or 1 for a no.
 */
export const bringBack = async (
  program: Program,
  config: Config,
  log: Log,
  options: BringBack,
  stop: AbortSignal,
): Promise<number> => {
  if (!options.dryRun && !options.yes && !canAsk())
    throw new KgsyncError("usage", "nobody is there to be asked whether this is what you want", {
      hint: "Look at it first with --dry-run, then add --yes.",
    });
  const work = async (io: Io): Promise<number> => {
    // Not one for all: a person may take their time to answer.
    const within = async <T>(phase: (budget: Budget) => Promise<T>): Promise<T> => {
      const budget = createBudget(io.clock, config.startTimeout, config.startTimeout, stop);
      try {
        return await phase(budget);
      } finally {
        budget.close();
      }
    };
    const looked = await within((budget) => look(program, io, options, budget));
    if (options.dryRun) return DONE;
    program.sink.status(""); // the question needs the line
    if (
      looked.differs &&
      !options.yes &&
      !(await askTerminal(`Make this the graph in ${io.store.name}? [y/N] `, stop))
    ) {
      stop.throwIfAborted(); // a Ctrl-C is no answer
      if (!options.json) program.print("nothing was changed\n");
      return DECLINED;
    }
    await within(async (budget) => {
      if (looked.differs) await replace(io, looked, budget);
      await options.done?.(io, budget);
    });
    return DONE;
  };
  if (options.dryRun || options.bucketOnly) return withBucket(program, config, log, stop, work);
  return withFiles(program, { ...config, onLocalBusy: "fail" }, log, stop, work).catch((thrown: unknown) => {
    throw thrown instanceof KgsyncError && thrown.code === "local-busy" ? busy(thrown) : thrown;
  });
};

const busy = (error: KgsyncError): KgsyncError =>
  new KgsyncError("local-busy", error.message, {
    cause: error,
    hint: "An app that runs keeps the graph that it has in memory. Stop it first; or add --bucket-only: its next start brings the new graph, and what it saves until then is merged into it.",
  });

/** What there is to be done, and on what ground. */
type Looked = {
  readonly current: StoredObject | undefined;
  readonly wanted: FoundDocument;
  readonly differs: boolean;
  /** `undefined`: the disk is left alone. */
  readonly folder: StateFolder | undefined;
  readonly disk: "follows" | "empty";
};

const look = async (program: Program, io: Io, options: BringBack, budget: Budget): Promise<Looked> => {
  const current = await budget.attempt((signal) => io.store.get(io.document.key, signal));
  const wanted = await options.make(io, current, budget);
  const check = await io.inspect(wanted.bytes);
  if (check.kind !== "valid")
    throw new KgsyncError("graph-invalid", `${wanted.place} is no graph that the app could load: ${check.why}`, {
      hint: "Nothing was changed. `kgsync log` lists the other versions.",
    });
  const differs = preview(program, io, options, current, wanted);
  const folder = options.dryRun || options.bucketOnly ? undefined : await openStateFolder(io);
  const disk = folder === undefined || !differs ? "empty" : await checkDisk(io, folder, wanted.sha256, budget);
  return { current, wanted, differs, folder, disk };
};

const replace = async (io: Io, { current, wanted, folder, disk }: Looked, budget: Budget): Promise<void> => {
  const proven = await ensureSafeStore(io, folder ?? { current: () => emptyState(io.store.name) }, budget);
  const { bytes, sha256 } = wanted;
  const kept = await replaceGraph(io, { bytes, sha256, current, proven: proven !== undefined }, budget);
  io.log.info("restore.done", "the bucket has the chosen graph; the one before it is kept", {
    from: wanted.name,
    sha256,
    ...(kept === undefined ? {} : { kept }),
  });
  if (folder !== undefined && disk === "follows") await followRestored(io, folder, wanted, budget);
};

/** Answers whether there is anything to do. A graph that is damaged differs from any other. */
const preview = (
  program: Program,
  io: Io,
  { json }: BringBackOptions,
  current: StoredObject | undefined,
  wanted: FoundDocument,
): boolean => {
  const place = placeOf(io, io.document.key);
  if (current === undefined) {
    program.print(json ? "{}\n" : `the bucket has no graph; ${wanted.name} would be its first\n`);
    return true;
  }
  const sha256 = io.sha256(current.body);
  const before: FoundDocument = { name: "bucket", place, bytes: current.body, sha256 };
  try {
    const comparison = compareDocuments(before, wanted, io);
    program.print(json ? renderDiffJson(comparison) : renderDiff(comparison, useColour(program.env)));
    return comparison.sections.length > 0;
  } catch (thrown) {
    if (!(thrown instanceof KgsyncError) || thrown.code !== "graph-invalid") throw thrown;
    program.print(json ? "{}\n" : `the bucket's graph is damaged; ${wanted.name} would replace it\n`);
    return true;
  }
};
