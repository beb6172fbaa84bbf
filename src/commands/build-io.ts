import { dirname, join } from "node:path";
import { createLargeFiles } from "../adapters/large-files/create-large-files.ts";
import { createMerge } from "../adapters/merge-worker/create-merge.ts";
import { createNodeFileTree } from "../adapters/node-file-tree/node-file-tree.ts";
import { createRecover } from "../adapters/node-file-tree/recover.ts";
import { sweepTemporaries } from "../adapters/node-file-tree/sweep.ts";
import { nodeSha256, nodeSha256Stream } from "../adapters/node-sha256.ts";
import { documentState } from "../app/document-io.ts";
import type { Inspect, Io, Merge, Paths } from "../app/io.ts";
import { childEnv } from "../config/child-env.ts";
import type { Config } from "../config/schema.ts";
import { checkDocument } from "../core/check-document.ts";
import { checkGraph } from "../core/graph.ts";
import type { FileTree } from "../ports/file-tree.ts";
import type { LargeFiles } from "../ports/large-files.ts";
import type { Log } from "../ports/log.ts";
import type { Metrics } from "../ports/metrics.ts";
import type { Progress } from "../ports/progress.ts";
import { openStore } from "./open-store.ts";
import type { Program } from "./program.ts";
import { writerName } from "./program.ts";
import { graphOf } from "./resolve-paths.ts";
import type { OpenedStore } from "./stores/opened-store.ts";

export type BuiltIo = { readonly io: Io; readonly tidy: OpenedStore["tidy"] };

/** The real ports behind the use cases. */
export const buildIo = async (
  program: Program,
  config: Config,
  paths: Paths,
  log: Log,
  metrics?: Metrics,
): Promise<BuiltIo> => {
  const { clock, random, progress } = program;
  const { store, tidy, traits } = await openStore(program, config, log, metrics);
  const files = createNodeFileTree({ journalFolder: join(paths.state, "journal") });
  const io: Io = {
    store,
    traits,
    files,
    clock,
    log,
    random,
    paths,
    document: graphOf(config),
    sha256: nodeSha256,
    sha256Stream: nodeSha256Stream,
    inspect: createInspect(program, config),
    merge: watchedMerge(createMerge(), progress),
    large: graphOf(config).mode === "merge-json" ? createLarge(program, config, paths, files) : undefined,
    fence: undefined,
    metrics,
    many,
    progress,
    rules: config,
    writer: writerName(program),
  };
  return { io, tidy };
};

/** Not at once: node:v8 takes 2 ms to load, and most starts have no thousand files. */
const many = (): void => void import("../adapters/steady-heap.ts").then(({ keepHeapSteady }) => keepHeapSteady());
/** Bytes above which a graph stays on the disk. Below it the look in memory is as fast, and knows two spellings of one meaning. */
const LARGE = 32 * 1024 * 1024;

const createLarge = (program: Program, config: Config, paths: Paths, files: FileTree): LargeFiles => {
  const { env, clock } = program;
  const { validate: mode, validateCmd } = config;
  const validate =
    validateCmd &&
    (async (path: string) => {
      const { runValidator } = await import("../adapters/run-validator.ts");
      return runValidator(validateCmd, childEnv(env, config), { path });
    });
  const options = { above: LARGE, mode, state: paths.state, write: files.write, clock, validate };
  return createLargeFiles({ ...options, rules: JSON.stringify([mode, validateCmd]) });
};

const watchedMerge = (merge: Merge, progress: Progress | undefined): Merge => {
  if (progress === undefined) return merge;
  return async (request) => {
    const done = progress.begin("merge");
    try {
      return await merge(request);
    } finally {
      done();
    }
  };
};

export const createInspect =
  ({ env }: Pick<Program, "env">, config: Config): Inspect =>
  async (bytes) => {
    const { mode } = graphOf(config);
    const check = mode === "merge-json" ? checkGraph(bytes, config.validate) : checkDocument(bytes, mode, nodeSha256);
    if (check.kind !== "valid" || config.validateCmd === undefined) return check;
    const { runValidator } = await import("../adapters/run-validator.ts");
    return (await runValidator(config.validateCmd, childEnv(env, config), bytes)) ?? check;
  };

/**
 * With the files ours and before anything reads them: a write in place that a crash cut off is finished or undone, and
 * temporary files that it left behind are removed.
 */
export const recoverFiles = async (paths: Paths, log: Log): Promise<void> => {
  const documents = (paths.documents ?? []).map((one) => ({ ...one, state: documentState(paths.state, one.name) }));
  const folders = [
    dirname(paths.graph),
    paths.state,
    join(paths.state, "base"),
    ...(paths.backups === undefined ? [] : [paths.backups]),
    ...documents.flatMap(({ path, mode, state }) => [
      ...(mode === "immutable-set" ? [path] : [dirname(path), join(state, "base")]),
      state,
    ]),
  ];
  await Promise.all(folders.map((folder) => sweepTemporaries(folder)));
  const recover = createRecover({ journalFolder: join(paths.state, "journal") });
  for (const path of [
    paths.graph,
    ...documents.filter(({ mode }) => mode !== "immutable-set").map(({ path }) => path),
  ]) {
    const recovery = await recover(path);
    if (recovery.kind === "clean") continue;
    const kept = recovery.kept === undefined ? {} : { kept: recovery.kept };
    log.warn("start.journal", "a write that a crash had cut off is settled", { how: recovery.kind, path, ...kept });
  }
};
