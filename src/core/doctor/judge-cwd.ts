import { type Finding, ok, problem, warning } from "./finding.ts";
import type { Mount } from "./mount-table.ts";

/** What was seen of the app's working directory and graph. */
export type CwdFacts = {
  /** Absolute. */
  readonly cwd: string;
  readonly cwdThere: boolean;
  /** As written in KGSYNC_GRAPH. */
  readonly configured: string;
  /** Absolute: what is kept in step. */
  readonly graph: string;
  readonly graphThere: boolean;
  readonly mounts: readonly Mount[];
  /** Another graph of the same name, and the process whose working directory it lies below. */
  readonly stray: { readonly pid: number; readonly path: string } | undefined;
};

/** A mount that looks as if it were made for the graph, seen from another working directory. */
const mountElsewhere = ({ configured, graph, mounts }: CwdFacts): string | undefined => {
  if (configured.startsWith("/")) return undefined;
  const below = configured.replace(/^(?:\.\/)+/, "");
  const folder = below.slice(0, Math.max(0, below.lastIndexOf("/")));
  const names = folder === "" ? [below] : [below, folder];
  const ours = (point: string): boolean => graph === point || graph.startsWith(`${point}/`);
  return mounts
    .map(({ point }) => point)
    .find((point) => names.some((name) => point.endsWith(`/${name}`)) && !ours(point));
};

/** Whether the file that is kept in step is the one that the app writes, as far as it can be seen from here. */
export const judgeCwd = (facts: CwdFacts): Finding => {
  const { cwd, graph, graphThere, stray } = facts;
  const check = "cwd";
  if (!facts.cwdThere)
    return problem(check, "config-invalid", `${cwd} is not a folder`, "Set KGSYNC_CWD to the app's working directory.");
  if (stray !== undefined)
    return warning(
      check,
      `process ${stray.pid} has a graph at ${stray.path}, and ${graph} is what is kept in step`,
      "If that is the app's: set KGSYNC_CWD, or KGSYNC_GRAPH, so that both are the same file.",
    );
  const elsewhere = mountElsewhere(facts);
  if (elsewhere !== undefined)
    return warning(
      check,
      `something is mounted at ${elsewhere}, and ${graph} is what is kept in step`,
      "Set KGSYNC_CWD to the folder that the app runs in, so that both are the same.",
    );
  return ok(check, `${cwd}; the graph is ${graph}${graphThere ? "" : ", which is not there yet"}`);
};
