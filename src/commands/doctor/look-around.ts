import { existsSync, readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { findProgram } from "../../adapters/execa-child/find-program.ts";
import { findStrayProcess } from "../../adapters/find-stray-process.ts";
import { lookAtPlace, readMounts } from "../../adapters/look-at-place.ts";
import { nodeKnowsProxies } from "../../adapters/s3-object-store/node-knows-proxies.ts";
import type { Paths } from "../../app/io.ts";
import type { LoadedConfig } from "../../config/load.ts";
import type { Environment } from "../../config/read-setting.ts";
import type { CredentialFacts } from "../../core/doctor/judge-credentials.ts";
import type { CwdFacts } from "../../core/doctor/judge-cwd.ts";
import type { NetworkFacts } from "../../core/doctor/judge-network.ts";
import type { PlaceFacts } from "../../core/doctor/judge-place.ts";
import type { RuntimeFacts } from "../../core/doctor/judge-runtime.ts";
import { SECRET_NAMES } from "../program.ts";

const quietText = (path: string): string | undefined => {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return undefined;
  }
};

/** Docker's and Podman's marks (`/.dockerenv`, `/run/.containerenv`) are conventions; what they miss counts as a host. */
export const findPlatform = (env: Environment): RuntimeFacts["platform"] => {
  if ((env["KUBERNETES_SERVICE_HOST"] ?? "") !== "") return "kubernetes";
  return ["/.dockerenv", "/run/.containerenv"].some((mark) => existsSync(mark)) ? "container" : "host";
};

export const runtimeFacts = (env: Environment): RuntimeFacts => {
  const folders = [import.meta.dirname, "/usr/bin", "/sbin", env["PATH"] ?? ""].join(":");
  const tini = findProgram("tini", folders, undefined);
  return {
    node: process.version,
    platform: findPlatform(env),
    init: quietText("/proc/1/comm"),
    tini: typeof tini === "string" ? tini : undefined,
  };
};

export const placeFacts = (paths: Paths, bucket: string | undefined): readonly PlaceFacts[] => {
  const mounts = readMounts();
  const places = [
    { name: "graph", setting: "KGSYNC_GRAPH", path: paths.graph },
    { name: "backups", setting: "KGSYNC_BACKUPS", path: paths.backups },
    { name: "state", setting: "KGSYNC_STATE_DIR", path: paths.state },
    { name: "bucket", setting: "KGSYNC_BUCKET", path: bucket },
  ];
  return places.flatMap(({ path, ...rest }) =>
    path === undefined ? [] : [{ ...rest, path, ...lookAtPlace(path, mounts) }],
  );
};

export const cwdFacts = ({ config }: LoadedConfig, paths: Paths): CwdFacts => {
  const cwd = resolve(config.cwd ?? ".");
  return {
    cwd,
    cwdThere: statSync(cwd, { throwIfNoEntry: false })?.isDirectory() === true,
    configured: config.graph,
    graph: paths.graph,
    graphThere: existsSync(paths.graph),
    mounts: readMounts(),
    stray: findStrayProcess(config.graph, paths.graph),
  };
};

export const credentialFacts = ({ config, sources }: LoadedConfig, env: Environment): CredentialFacts => {
  const home = env["HOME"] ?? homedir();
  const files = [
    env["AWS_SHARED_CREDENTIALS_FILE"] ?? join(home, ".aws/credentials"),
    env["AWS_CONFIG_FILE"] ?? join(home, ".aws/config"),
  ];
  const own = { KGSYNC_S3_SECRET_ACCESS_KEY: config.s3SecretAccessKey, KGSYNC_S3_SESSION_TOKEN: config.s3SessionToken };
  const secrets = Object.entries({ ...Object.fromEntries(SECRET_NAMES.map((name) => [name, env[name]])), ...own });
  const source = sources.s3AccessKeyId;
  const from = source.from === "file" ? ({ from: "file", path: source.path } as const) : ({ from: "env" } as const);
  return {
    env,
    own: config.s3AccessKeyId === undefined ? undefined : from,
    childEnv: config.childEnv,
    readable: ["/proc/self/environ", "/proc/1/environ"].filter((path) => quietText(path) !== undefined),
    files: files.filter((path) => existsSync(path)),
    lengths: Object.fromEntries(secrets.flatMap(([name, value]) => (value ? [[name, value.length]] : []))),
  };
};

export const networkFacts = (env: Environment): NetworkFacts => ({
  endpoint:
    env["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] === "true"
      ? undefined
      : env["AWS_ENDPOINT_URL_S3"] || env["AWS_ENDPOINT_URL"] || undefined,
  env,
  nodeKnowsProxies: nodeKnowsProxies(process.version),
});
