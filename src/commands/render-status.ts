import type { Status } from "../app/status-file.ts";
import type { Survey } from "../app/survey.ts";
import { instantText } from "../core/instant-text.ts";
import type { LeaseLook } from "../core/lease/judge-lease.ts";

/** What one that runs says of itself; or what was found with nobody to ask. */
export type StatusView = { readonly bucket: string; readonly graph: string; readonly now: number } & (
  | {
      readonly running: Status;
      /** The disk holds what no push has looked at yet, or got over. */
      readonly dirty: boolean;
    }
  | {
      /** Somebody owns the files and does not say more. */
      readonly silent: "silent" | "unsure" | "busy" | undefined;
      readonly last: Status | undefined;
      readonly survey: Survey;
      readonly lease: LeaseLook;
    }
);

/** `undefined`: nobody knows, because the bucket cannot be read, or because nothing is pushed without the lease. */
export const isInStep = (view: StatusView): boolean | undefined => {
  if ("running" in view) {
    const { lease, phase, unsyncedSince } = view.running;
    if (lease?.holder !== undefined) return undefined;
    return unsyncedSince === undefined && !view.dirty && PUSHES.has(phase);
  }
  const { graph, backups, documents, unreachable } = view.survey;
  if (unreachable !== undefined) return undefined;
  return (
    [graph, ...documents].every((one) => one.do === "keep" || one.do === "start-empty") &&
    backups.pull === 0 &&
    backups.push === 0
  );
};

const PUSHES: ReadonlySet<Status["phase"]> = new Set(["running", "stopping", "ending", "pushing"]);

/** For people, one fact a line; or one JSON object for programs. Ends with a newline. */
export const renderStatus = (view: StatusView, json: boolean): string => (json ? asJson(view) : asText(view));

const asJson = (view: StatusView): string => {
  const status = "running" in view ? view.running : view.last;
  const found = "running" in view ? undefined : view.survey;
  const shown = {
    inStep: isInStep(view),
    running: "running" in view,
    phase: "running" in view ? view.running.phase : undefined,
    version: status?.version,
    writer: status?.writer,
    startedAt: status?.startedAt,
    inStepSince: status?.inStepSince,
    unsyncedSince: status?.unsyncedSince,
    why: found?.unreachable?.message ?? status?.why,
    lastPulledAt: status?.lastPulledAt,
    lastPushedAt: status?.lastPushedAt,
    lastStoredAt: status?.lastStoredAt,
    lastMergedAt: status?.lastMergedAt,
    ended: status?.ended,
    dirty: "running" in view ? view.dirty : view.survey.dirty,
    plan: found?.graph,
    backups: found?.backups,
    documents: found?.documents,
    lease: leaseOf(view),
    graph: view.graph,
    bucket: view.bucket,
  };
  return `${JSON.stringify(shown, orNull, 2)}\n`;
};

/** A program that reads it finds every member each time. */
const orNull = (_name: string, value: unknown): unknown => (value === undefined ? null : value);

type LeaseShown = { readonly state: string; readonly holder: string | undefined; readonly epoch: number | undefined };

const leaseOf = (view: StatusView): LeaseShown | undefined => {
  if ("running" in view) {
    const { lease, phase, writer } = view.running;
    if (lease?.epoch !== undefined) return { state: "held", holder: writer, epoch: lease.epoch };
    if (lease?.holder !== undefined) return { state: "held", holder: lease.holder, epoch: undefined };
    return phase === "leasing" ? { state: "held", holder: undefined, epoch: undefined } : undefined;
  }
  if (view.lease === undefined) return undefined;
  if (view.lease.parsed.kind !== "lease") return { state: "damaged", holder: undefined, epoch: undefined };
  const { state, holder, epoch } = view.lease.parsed.lease;
  return { state, holder, epoch };
};

type Row = readonly [string, string | undefined];

const asText = (view: StatusView): string => {
  const since = (at: number | undefined): string | undefined =>
    at === undefined ? undefined : `${instantText(at)} (${spell(view.now - at)})`;
  const status = "running" in view ? view.running : view.last;
  const lease = leaseOf(view);
  const rows: readonly Row[] = [
    ["in step", inStepWords(view)],
    ...("running" in view ? runningRows(view.dirty, view.running, since) : foundRows(view)),
    ["last pull", since(status?.lastPulledAt)],
    ["last push", since(status?.lastStoredAt)],
    ["last merge", since(status?.lastMergedAt)],
    ["last looked", since(status?.lastPushedAt)],
    ["lease", lease === undefined ? undefined : leaseWords(lease)],
    ["graph", view.graph],
    ["bucket", view.bucket],
  ];
  const told = rows.filter((row): row is readonly [string, string] => row[1] !== undefined);
  const width = Math.max(...told.map(([name]) => name.length));
  return told.map(([name, value]) => `${name.padEnd(width)}  ${value}\n`).join("");
};

const inStepWords = (view: StatusView): string => {
  const inStep = isInStep(view);
  if (inStep === undefined)
    return "running" in view
      ? `not known: nothing is pushed, because ${view.running.lease?.holder} holds the lease`
      : "not known: the bucket cannot be read";
  if (!inStep) return "no";
  const since = "running" in view ? view.running.inStepSince : undefined;
  return since === undefined ? "yes" : `yes, since ${instantText(since)} (${spell(view.now - since)})`;
};

const runningRows = (
  dirty: boolean,
  { phase, version, startedAt, unsyncedSince, why, writer }: Status,
  since: (at: number | undefined) => string | undefined,
): readonly Row[] => [
  ["kgsync", `${phase}, version ${version ?? "unknown"}, since ${since(startedAt) ?? "an unknown time"}`],
  ["name", writer],
  [
    "waiting",
    unsyncedSince === undefined ? unseen(dirty) : `since ${since(unsyncedSince)}${why === undefined ? "" : `: ${why}`}`,
  ],
];

const unseen = (dirty: boolean): string | undefined =>
  dirty ? "a change that no push has brought over yet" : undefined;

const foundRows = (view: Exclude<StatusView, { running: Status }>): readonly Row[] => {
  const { graph, backups, unreachable, dirty } = view.survey;
  const { pull, push, compare } = backups;
  const some = pull + push + compare > 0;
  return [
    ["kgsync", view.silent === undefined ? lastWords(view.last) : SILENT[view.silent]],
    ["why", unreachable?.message],
    ["disk", dirty ? "holds what the bucket is not known to have" : "holds nothing that is not in the bucket"],
    ["next", unreachable === undefined ? `${graph.do}: ${graph.why}` : undefined],
    ...(unreachable === undefined ? view.survey.documents : []).map((one): Row => [one.name, `${one.do}: ${one.why}`]),
    ["backups", some ? `${pull} to pull, ${push} to push, ${compare} to be compared` : undefined],
  ];
};

const SILENT = {
  silent: "runs here and does not answer",
  unsure: "may run here: the last owner cannot be asked from here",
  busy: "a command or another version works on these files",
} as const;

const lastWords = (last: Status | undefined): string => {
  if (last === undefined) return "does not run here";
  return last.ended === undefined
    ? `does not run here; the last one was killed in phase ${last.phase}`
    : `does not run here; the last one ended with ${last.ended.code}: ${last.ended.words}`;
};

const leaseWords = ({ state, holder, epoch }: LeaseShown): string => {
  const by = holder === undefined ? "" : ` by ${holder}`;
  return `${state}${by}${epoch === undefined ? "" : ` (epoch ${epoch})`}`;
};

/** Roughly: for a glance. */
const spell = (ms: number): string => {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds} s ago`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min ago`;
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h ago` : `${Math.round(seconds / 86_400)} d ago`;
};
