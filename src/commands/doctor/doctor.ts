import { existsSync } from "node:fs";
import { isatty } from "node:tty";
import { createBudget } from "../../app/budget.ts";
import { examineBucket } from "../../app/examine-bucket.ts";
import type { LoadedConfig } from "../../config/load.ts";
import type { Config } from "../../config/schema.ts";
import { type Finding, ok, problem, warning } from "../../core/doctor/finding.ts";
import { judgeCwd } from "../../core/doctor/judge-cwd.ts";
import { judgeGrace } from "../../core/doctor/judge-grace.ts";
import { judgePlace } from "../../core/doctor/judge-place.ts";
import { judgeRuntime } from "../../core/doctor/judge-runtime.ts";
import { ERRORS, toKgsyncError } from "../../core/errors.ts";
import { createInspect } from "../build-io.ts";
import { health } from "../health.ts";
import { openClient } from "../open-store.ts";
import { type Program, writerName } from "../program.ts";
import { checkLayout, graphOf, mountWarning, resolvePaths } from "../resolve-paths.ts";
import { cwdFacts, findPlatform, placeFacts, runtimeFacts } from "./look-around.ts";
import { lookAtAccess } from "./look-at-access.ts";
import { findingCount, findingLines, findingsJson } from "./render-findings.ts";

/** The longest that the whole may take, and one request. */
const LIMIT_MS = 60_000;
const ATTEMPT_MS = 15_000;

/**
 * `kgsync doctor`: what works, what does not, and what to do about it. Changes nothing but an object of its own in the bucket,
 * which it removes. Resolves with 0, or with the exit code that the first problem would give `kgsync run`.
 */
export const doctor = async (
  program: Program,
  loaded: LoadedConfig,
  json: boolean,
  signal: AbortSignal,
): Promise<number> => {
  const colour = isatty(1) && (program.env["NO_COLOR"] ?? "") === "";
  const tell = (findings: readonly Finding[]): readonly Finding[] => {
    if (!json) program.print(findingLines(findings, colour)); // the bucket may take its time to answer
    return findings;
  };
  const here = tell(await lookHere(program, loaded));
  const findings = [...here, ...tell(await lookAtBucket(program, loaded.config, signal))];
  program.print(json ? findingsJson(findings) : findingCount(findings));
  const first = findings.find(({ status }) => status === "problem");
  return first === undefined ? 0 : ERRORS[first.code ?? "bug"].exit;
};

const lookHere = async (program: Program, loaded: LoadedConfig): Promise<readonly Finding[]> => {
  const { env } = program;
  const { config, sources } = loaded;
  const paths = resolvePaths(config);
  const platform = findPlatform(env);
  const apart = mountWarning(paths);
  return [
    ...loaded.warnings.map((text) => warning("settings", text, "See that it is meant.")),
    ...layout(config),
    judgeCwd(cwdFacts(loaded, paths)),
    ...placeFacts(paths, config.bucket.scheme === "file" ? config.bucket.path : undefined).map(judgePlace),
    ...(apart === undefined ? [] : [warning("disk.together", apart, "The state must live and die with the graph.")]),
    judgeGrace({ graceMs: config.grace, chosen: sources.grace.from !== "default", platform }),
    ...judgeRuntime(runtimeFacts(env)),
    ok("running", (await health(program, config)).words),
    ...lookAtAccess(loaded, env),
  ];
};

const layout = (config: Config): readonly Finding[] => {
  try {
    checkLayout(config, resolvePaths(config));
    return [];
  } catch (thrown) {
    const { code, message, hint } = toKgsyncError(thrown);
    return [problem("settings", code, message, hint)];
  }
};

/** The first write would make it: where a mount is missing, that is not what is wanted. */
const folderAbsent = ({ bucket }: Config): Finding | undefined =>
  bucket.scheme !== "file" || existsSync(bucket.path)
    ? undefined
    : warning(
        "bucket.list",
        `${bucket.path} is not there: the first push makes it`,
        "If it should be a mounted share, mount it first. If this is the beginning, nothing is to be done.",
      );

/** What cannot even be opened is a finding too. */
const lookAtBucket = async (program: Program, config: Config, signal: AbortSignal): Promise<readonly Finding[]> => {
  const { clock, random } = program;
  const absent = folderAbsent(config);
  if (absent !== undefined) return [absent];
  const budget = createBudget(clock, LIMIT_MS, ATTEMPT_MS, signal);
  try {
    const { store, traits } = await openClient(program, config);
    try {
      const io = {
        store,
        traits,
        clock,
        random,
        writer: writerName(program),
        inspect: createInspect(program, config),
        document: graphOf(config),
        rules: config,
      };
      return await examineBucket(io, budget);
    } finally {
      store.close();
    }
  } catch (thrown) {
    if (signal.aborted) throw thrown;
    const { code, message, hint } = toKgsyncError(thrown);
    return [problem("bucket.open", code, message, hint)];
  } finally {
    budget.close();
  }
};
