import { dataState, unsyncedMs, type View, whyWaiting } from "./view.ts";

/** One thing that must be so, and what is so, in words. */
export type Check = { readonly name: string; readonly ok: boolean; readonly words: string };

const OWNED: ReadonlySet<View["phase"]> = new Set([
  "leasing",
  "pulling",
  "spawning",
  "running",
  "stopping",
  "ending",
  "pushing",
]);

/**
 * The start is over: the app was started once, or this copy stands by for another, which may take days. An orchestrator must
 * not take that for a start that hangs. As a sidecar it must: it would start the app, which may not run yet.
 */
export const startupChecks = (view: View): readonly Check[] => {
  const { child } = view.chronicle;
  if (child.starts > 0) return [{ name: "start", ok: true, words: "the app was started" }];
  const holder = standsBehind(view);
  return holder === undefined || view.beside
    ? [{ name: "start", ok: false, words: `the app was not started yet: kgsync is ${view.phase}` }]
    : [{ name: "start", ok: true, words: `standing by: ${holder} holds the lease` }];
};

const standsBehind = ({ phase, chronicle: { lease } }: View): string | undefined =>
  phase === "leasing" ? lease.waitingFor : undefined;

/**
 * May requests be sent to the app? Nothing here asks the bucket: an outage there is no ground to take an app away that is
 * fine. `data` is told, and never fails.
 */
export const readyChecks = (view: View): readonly Check[] => {
  const holder = standsBehind(view);
  const standby = holder !== undefined && view.readyWhen === "standby";
  const files = OWNED.has(view.phase);
  return [
    { name: "files", ok: files, words: files ? "the files are ours" : "another kgsync may own the files" },
    ...leaseCheck(view, standby),
    { name: "app", ok: view.phase === "running" || standby, words: appWords(view, standby) },
    { name: "data", ok: true, words: dataWords(view) },
  ];
};

const leaseCheck = ({ lease, readonlyUnder }: View, standby: boolean): readonly Check[] => {
  if (lease === undefined) return [];
  const words = lease.held
    ? `the lease is ours (epoch ${lease.epoch})`
    : (lease.waitingFor ?? readonlyUnder) === undefined
      ? "the lease is not ours"
      : `${lease.waitingFor ?? readonlyUnder} holds the lease`;
  return [{ name: "lease", ok: lease.held || standby || lease.waitingFor === undefined, words }];
};

const appWords = ({ phase }: View, standby: boolean): string => {
  if (phase === "running") return "the app runs";
  return standby
    ? "the app does not run here; standing by counts as ready"
    : `the app does not serve: kgsync is ${phase}`;
};

const dataWords = (view: View): string => {
  const why = whyWaiting(view);
  switch (dataState(view)) {
    case "waiting":
      return `local work has been waiting for ${Math.round(unsyncedMs(view) / 1000)} s${why === undefined ? "" : `: ${why}`}`;
    case "readonly":
      return `nothing is pushed: ${view.readonlyUnder} holds the lease`;
    case "unknown":
      return "the graph on disk was not looked into yet";
    default:
      return "all local work is in the bucket";
  }
};

export const allOk = (checks: readonly Check[]): boolean => checks.every(({ ok }) => ok);

/** Like the Kubernetes API server's own probes with `?verbose`: a line for each check, then the verdict. */
export const verboseText = (name: string, checks: readonly Check[]): string => {
  const lines = checks.map(({ name, ok, words }) => `[${ok ? "+" : "-"}]${name}: ${words}`);
  return `${[...lines, `${name} check ${allOk(checks) ? "passed" : "failed"}`].join("\n")}\n`;
};
