import * as z from "zod/mini";
import { SHORTEST_SECRET } from "../core/shortest-secret.ts";
import { signalName } from "../core/signals.ts";
import { metaOf } from "./field.ts";
import { gitFields } from "./fields-git.ts";
import { s3Fields } from "./fields-s3.ts";
import { writerFields } from "./fields-writers.ts";
import type { Config, ConfigKey } from "./schema.ts";

/** The settings that are well-formed; those that are not have a problem of their own already. */
type Checked = Partial<Config>;

/** Whether a value was given for the setting at all, well-formed or not. */
type IsGiven = (key: ConfigKey) => boolean;

const normal = (path: string): string => {
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  return `${path.startsWith("/") ? "/" : ""}${parts.join("/")}`;
};

const within = (inner: string, outer: string): boolean => {
  const [a, b] = [normal(inner), normal(outer)];
  if (b === "") return !a.startsWith("/") && !a.startsWith("..");
  return a === b || a.startsWith(b === "/" ? b : `${b}/`);
};

// Each would make kgsync sync its own books, or take a file for both the graph and a backup. Links and mounts are not seen
// here: the real paths are compared again before anything is written.
const folders = ({ graph, backups, stateDir, include = [] }: Checked): readonly string[] => {
  const problems: string[] = [];
  const nested = (inner: string | undefined, outer: string | undefined, what: string): void => {
    if (inner !== undefined && outer !== undefined && within(inner, outer)) problems.push(what);
  };
  nested(graph, backups, "KGSYNC_GRAPH lies in KGSYNC_BACKUPS; accepted: a folder that holds nothing but backups");
  nested(stateDir, backups, "KGSYNC_STATE_DIR lies in KGSYNC_BACKUPS; accepted: a folder elsewhere");
  nested(backups, stateDir, "KGSYNC_BACKUPS lies in KGSYNC_STATE_DIR; accepted: a folder elsewhere");
  nested(graph, stateDir, "KGSYNC_GRAPH lies in KGSYNC_STATE_DIR; accepted: a folder elsewhere");
  for (const { path, mode } of include) {
    const entry = `${path} of KGSYNC_INCLUDE`;
    const isGraph = graph !== undefined && normal(path) === normal(graph);
    if (isGraph && mode === "immutable-set") problems.push(`${entry} is KGSYNC_GRAPH, which is no immutable-set`);
    if (!isGraph && mode === "immutable-set") nested(graph, path, `KGSYNC_GRAPH lies in ${entry}`);
    if (mode === "immutable-set") nested(backups, path, `KGSYNC_BACKUPS lies in ${entry}`);
    if (mode === "immutable-set") nested(stateDir, path, `KGSYNC_STATE_DIR lies in ${entry}`);
    nested(path, backups, `${entry} lies in KGSYNC_BACKUPS`);
    nested(path, stateDir, `${entry} lies in KGSYNC_STATE_DIR`);
  }
  return problems;
};

const s3 = ({ s3Sse }: Checked, isGiven: IsGiven): readonly string[] => {
  const problems: string[] = [];
  const id = isGiven("s3AccessKeyId");
  const secret = isGiven("s3SecretAccessKey");
  if (id !== secret) {
    const [there, missing] = id
      ? ["KGSYNC_S3_ACCESS_KEY_ID", "KGSYNC_S3_SECRET_ACCESS_KEY"]
      : ["KGSYNC_S3_SECRET_ACCESS_KEY", "KGSYNC_S3_ACCESS_KEY_ID"];
    problems.push(`${there} is set without ${missing}; accepted: both or neither`);
  }
  if (isGiven("s3SessionToken") && !id && !secret) {
    problems.push("KGSYNC_S3_SESSION_TOKEN is set without the key that it belongs to; accepted: all three or none");
  }
  // A malformed KGSYNC_S3_SSE has its own line: saying that it is missing would be wrong.
  const kms = s3Sse?.startsWith("aws:kms") === true || (s3Sse === undefined && isGiven("s3Sse"));
  if (isGiven("s3SseKmsKeyId") && !kms) {
    problems.push("KGSYNC_S3_SSE_KMS_KEY_ID needs KGSYNC_S3_SSE=aws:kms or aws:kms:dsse");
  }
  return problems;
};

// The app would not be told, would run until the kill, and its last save would be whatever it was.
const dropped = ({ stopSignals, signalMap }: Checked): readonly string[] =>
  (stopSignals ?? [])
    .filter((signal) => signalMap?.get(signal) === 0)
    .map(
      (signal) =>
        `KGSYNC_SIGNAL_MAP sends nothing for ${signalName(signal)}, which is in KGSYNC_STOP_SIGNALS; accepted: a signal`,
    );

// Nothing looks at the bucket but the timer: the setting would be silently without effect.
const remoteChange = ({ interval, onRemoteChange }: Checked): readonly string[] =>
  interval === 0 && onRemoteChange !== undefined && onRemoteChange.kind !== "ignore"
    ? [
        "KGSYNC_ON_REMOTE_CHANGE needs KGSYNC_INTERVAL: the timer is what looks at the bucket; accepted: an interval, or ignore",
      ]
    : [];

/** What is wrong with settings that are each well-formed but do not go together. One line each. */
export const ruleProblems = (config: Checked, isGiven: IsGiven): readonly string[] => [
  ...folders(config),
  ...s3(config, isGiven),
  ...remoteChange(config),
  ...dropped(config),
];

const gitWarnings = ({ bucket, lease }: Config, isGiven: IsGiven): readonly string[] => {
  if (bucket.scheme !== "git")
    return (["gitToken", "gitAuthor"] as const).some(isGiven)
      ? ["KGSYNC_GIT_* settings have no effect: KGSYNC_BUCKET is not git+…://."]
      : [];
  const warnings: string[] = [];
  if (lease) warnings.push("KGSYNC_LEASE=on: each renewal is a commit, three in each KGSYNC_LEASE_TTL.");
  if (bucket.remote.startsWith("http://"))
    warnings.push("KGSYNC_BUCKET=git+http://: everything, the token too, can be read on the way.");
  if (isGiven("gitToken") && !bucket.remote.startsWith("http"))
    warnings.push("KGSYNC_GIT_TOKEN has no effect: KGSYNC_BUCKET is not git+https://.");
  return warnings;
};

const OF_THE_LEASE = ["leaseTtl", "onLeaseBusy", "readyWhen"] as const;
type OfTheLease = (typeof OF_THE_LEASE)[number];

const nameOf = (key: OfTheLease): string => metaOf(writerFields[key]).env;

// Not whether it was given: what `kgsync config --env` prints gives everything.
const usual = (key: OfTheLease): unknown => z.parse(writerFields[key], metaOf(writerFields[key]).fallback);

/** What is allowed, and should still be said at every start. */
export const ruleWarnings = (config: Config, isGiven: IsGiven): readonly string[] => {
  const warnings: string[] = [];
  if (config.unsafeStore === "allow") {
    warnings.push("KGSYNC_UNSAFE_STORE=allow: on a store that ignores conditional writes, saves can be lost.");
  }
  if (config.allowShrink) {
    warnings.push("KGSYNC_ALLOW_SHRINK=true: a wiped graph would replace the bucket's without a question.");
  }
  for (const key of ["s3SecretAccessKey", "s3SessionToken", "gitToken"] as const) {
    if ((config[key]?.length ?? SHORTEST_SECRET) < SHORTEST_SECRET) {
      const name = metaOf({ ...s3Fields, ...gitFields }[key]).env;
      warnings.push(`${name} is shorter than ${SHORTEST_SECRET} characters: it is not taken out of log lines.`);
    }
  }
  if (config.interval === 0) {
    const when = config.watch ? "a change that was not noticed (network disks)" : "every change";
    warnings.push(`KGSYNC_INTERVAL=0: ${when} is pushed only at the end.`);
  }
  if (
    config.bucket.scheme !== "s3" &&
    (config.s3Conditions !== "auto" || (["s3AccessKeyId", "s3Sse", "s3SseKmsKeyId"] as const).some(isGiven))
  ) {
    warnings.push("KGSYNC_S3_* settings have no effect: KGSYNC_BUCKET is not s3://.");
  }
  warnings.push(...gitWarnings(config, isGiven));
  const idle = config.lease ? [] : OF_THE_LEASE.filter((key) => config[key] !== usual(key)).map(nameOf);
  if (idle.length > 0) {
    warnings.push(`${idle.join(", ")} ${idle.length === 1 ? "has" : "have"} no effect: KGSYNC_LEASE is off.`);
  }
  return warnings;
};
