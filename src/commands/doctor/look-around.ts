import { existsSync, readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { findProgram } from "../../adapters/execa-child/find-program.ts";
import { findStrayProcess } from "../../adapters/find-stray-process.ts";
import { lookAtPlace, readMounts } from "../../adapters/look-at-place.ts";
import type { Paths } from "../../app/io.ts";
import type { LoadedConfig } from "../../config/load.ts";
import type { Environment } from "../../config/read-setting.ts";
import type { CwdFacts } from "../../core/doctor/judge-cwd.ts";
import type { ExposureFacts } from "../../core/doctor/judge-exposure.ts";
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

export const exposureFacts = ({ config }: LoadedConfig, env: Environment): ExposureFacts => {
  const own = {
    KGSYNC_S3_SECRET_ACCESS_KEY: config.s3SecretAccessKey,
    KGSYNC_S3_SESSION_TOKEN: config.s3SessionToken,
    KGSYNC_GIT_TOKEN: config.gitToken,
  };
  const secrets = Object.entries({ ...Object.fromEntries(SECRET_NAMES.map((name) => [name, env[name]])), ...own });
  return {
    childEnv: config.childEnv,
    readable: ["/proc/self/environ", "/proc/1/environ"].filter((path) => quietText(path) !== undefined),
    lengths: Object.fromEntries(secrets.flatMap(([name, value]) => (value ? [[name, value.length]] : []))),
  };
};
