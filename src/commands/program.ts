import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { createLogSink, type LogSink } from "../adapters/log-sink.ts";
import { createNodeRandom } from "../adapters/node-random.ts";
import { createPinoLog } from "../adapters/pino-log.ts";
import { createSystemClock } from "../adapters/system-clock.ts";
import { type LoadedConfig, loadConfig } from "../config/load.ts";
import type { Environment, Flags } from "../config/read-setting.ts";
import type { Config } from "../config/schema.ts";
import { secretParts } from "../config/secret-parts.ts";
import { SHORTEST_SECRET } from "../core/shortest-secret.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { Progress } from "../ports/progress.ts";
import type { Random } from "../ports/random.ts";

/** What every command stands on. */
export type Program = {
  readonly env: Environment;
  readonly clock: Clock;
  readonly random: Random;
  readonly sink: LogSink;
  /** Secrets that were read anew since the start, for whoever keeps secrets out of what is said. Grows. */
  readonly rotated: string[];
  /** On stdout, for what a command was asked for. Never used once a child runs. */
  readonly print: (output: string | Uint8Array) => void;
  /** Absent: nobody waits at a terminal. */
  readonly progress?: Progress | undefined;
  /** The document beside the graph that a command is about, by its name. Absent: the graph. */
  readonly document?: string | undefined;
};

export const createProgram = (env: Environment, print: Program["print"]): Program => {
  const clock = createSystemClock();
  const sink = createLogSink({ clock });
  const printAlone: Program["print"] = (output) => {
    sink.status(""); // both may be one terminal
    print(output);
  };
  return { env, clock, random: createNodeRandom(), rotated: [], sink, print: printAlone };
};

/** The settings in force. Rejects everything that is wrong with them at once. */
export const readConfig = (program: Program, flags: Flags): LoadedConfig =>
  loadConfig(program.env, flags, (path) => readFileSync(path, "utf8"));

const SILENT: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** Secrets that may not appear in any line, whoever put them there. Ours too: a configuration may fail before it is read. */
export const SECRET_NAMES = [
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "AWS_CONTAINER_AUTHORIZATION_TOKEN",
  "AZURE_STORAGE_CONNECTION_STRING",
  "AZURE_STORAGE_KEY",
  "AZURE_STORAGE_SAS_TOKEN",
  "AZURE_CLIENT_SECRET",
  "AZURE_CLIENT_CERTIFICATE_PASSWORD",
  "IDENTITY_HEADER",
  "KGSYNC_S3_SECRET_ACCESS_KEY",
  "KGSYNC_S3_SESSION_TOKEN",
  "KGSYNC_GIT_TOKEN",
  "KGSYNC_WEBHOOK_URL",
  "KGSYNC_HEARTBEAT_URL",
];

/**
 * What may be in no line of the log and in no notice. What is shorter than SHORTEST_SECRET is a stand-in of a trial server
 * (`test`, `admin`): taken out of every word that holds it, it would leave a log that nobody can read, and that tells what it is.
 */
export const secretsOf = ({ env }: Pick<Program, "env">, config: Config | undefined): readonly string[] => {
  const own = [
    config?.s3SecretAccessKey,
    config?.s3SessionToken,
    config?.gitToken,
    config?.webhookUrl,
    config?.heartbeatUrl,
  ];
  return [...own, ...SECRET_NAMES.map((name) => env[name])]
    .flatMap((secret) => (secret === undefined ? [] : secretParts(secret)))
    .filter((secret) => secret.length >= SHORTEST_SECRET);
};

export const openLog = (program: Program, config: Config | undefined): Log => {
  const level = config?.logLevel ?? "info";
  if (level === "silent") return SILENT;
  return createPinoLog({
    level,
    format: config?.logFormat ?? askedFormat(program.env),
    sink: program.sink,
    secrets: secretsOf(program, config),
    rotated: program.rotated,
    colour: program.sink.tty && (program.env["NO_COLOR"] ?? "") === "",
  });
};

/** Where the settings are what is wrong, the one for the log still counts if it is well-formed. */
const askedFormat = (env: Environment): "auto" | "json" | "pretty" => {
  const asked = env["KGSYNC_LOG_FORMAT"];
  return asked === "json" || asked === "pretty" ? asked : "auto";
};

/** Pod or host, and a random part for each process: two of the same name must not take each other for themselves. */
export const writerName = ({ env, random }: Program): string => {
  const host = env["KUBERNETES_POD_UID"] ?? env["HOSTNAME"] ?? hostname();
  return `${host.replaceAll(/[^A-Za-z0-9.-]/g, "-").slice(0, 40)}-${random.id().slice(0, 8)}`;
};
