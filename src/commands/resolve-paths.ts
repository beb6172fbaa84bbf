import { statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { findRealPath } from "../adapters/node-file-tree/real-path.ts";
import type { Paths } from "../app/io.ts";
import { type DocumentPlace, GRAPH_KEY, graphPlace, includedPlace } from "../app/keys.ts";
import type { Config } from "../config/schema.ts";
import { modeByName } from "../core/document.ts";
import { KgsyncError } from "../core/errors.ts";
import { parseKey } from "../core/key.ts";

/** Absolute paths: the app's own are relative to its working directory, so ours are too. */
export const resolvePaths = (config: Pick<Config, "cwd" | "graph" | "backups" | "stateDir" | "include">): Paths => {
  const cwd = resolve(config.cwd ?? ".");
  const graph = resolve(cwd, config.graph);
  return {
    graph,
    backups: config.backups === undefined ? undefined : resolve(cwd, config.backups),
    state: config.stateDir === undefined ? join(dirname(graph), ".kgsync") : resolve(cwd, config.stateDir),
    documents: (config.include ?? [])
      .filter(({ path }) => resolve(cwd, path) !== graph)
      .map((one) => ({ ...one, path: resolve(cwd, one.path) })),
  };
};

/** Where the graph is in the bucket, and what it is: as its name says, or an entry of KGSYNC_INCLUDE that names it. */
export const graphOf = (config: Pick<Config, "graph" | "include" | "cwd">): DocumentPlace => {
  const cwd = resolve(config.cwd ?? ".");
  const graph = resolve(cwd, config.graph);
  const entry = config.include?.find(({ path }) => resolve(cwd, path) === graph);
  const mode = entry === undefined || entry.mode === "immutable-set" ? modeByName(graph) : entry.mode;
  return graphPlace(mode, parseKey(basename(graph)) ?? GRAPH_KEY);
};

/** The places of all documents in the bucket, the graph first. */
export const placesOf = (config: Parameters<typeof resolvePaths>[0]): readonly DocumentPlace[] => [
  graphOf(config),
  ...(resolvePaths(config).documents ?? []).map(({ name, mode }) =>
    includedPlace(mode === "immutable-set" ? "replace" : mode, name),
  ),
];

/** What may not be one, or lie in one another: links and mounts are followed, which the settings' own check cannot. */
export const checkLayout = (config: Config, paths: Paths): void => {
  const bucket = config.bucket.scheme === "file" ? config.bucket.path : undefined;
  const places = [
    { name: "KGSYNC_GRAPH", path: paths.graph, folder: false },
    { name: "KGSYNC_BACKUPS", path: paths.backups, folder: true },
    { name: "KGSYNC_STATE_DIR", path: paths.state, folder: true },
    { name: "KGSYNC_BUCKET", path: bucket, folder: true },
    ...(paths.documents ?? []).map(({ name, path, mode }) => ({
      name: `${name} of KGSYNC_INCLUDE`,
      path,
      folder: mode === "immutable-set",
    })),
  ].flatMap(({ path, ...rest }) => (path === undefined ? [] : [{ ...rest, path, ...identity(path) }]));
  const problems = places.flatMap((outer) =>
    places.flatMap((inner) => {
      if (inner === outer) return [];
      const same = inner.inode !== undefined && inner.inode === outer.inode;
      const within = outer.folder && `${inner.real}/`.startsWith(`${outer.real}/`);
      return same || within ? [`${inner.name} (${inner.path}) lies in ${outer.name} (${outer.path})`] : [];
    }),
  );
  const { key: graphKey } = graphOf(config);
  for (const { name, path } of paths.documents ?? [])
    if (name === graphKey)
      problems.push(`${path} of KGSYNC_INCLUDE and KGSYNC_GRAPH would both be ${name} in the bucket`);
  if (problems.length > 0)
    throw new KgsyncError("config-invalid", problems.join("\n"), {
      hint: "Give each of them a place of its own; nothing was changed.",
    });
};

const identity = (path: string): { readonly real: string; readonly inode: string | undefined } => {
  const real = findRealPath(path);
  try {
    const { dev, ino } = statSync(real, { bigint: true });
    return { real, inode: `${dev}:${ino}` };
  } catch {
    return { real, inode: undefined };
  }
};

/** The state belongs on the graph's own mount: it must live and die with it. A sentence when it does not. */
export const mountWarning = (paths: Paths): string | undefined => {
  const graph = identity(paths.graph).inode?.split(":")[0];
  const state = identity(paths.state).inode?.split(":")[0] ?? identity(dirname(paths.state)).inode?.split(":")[0];
  if (graph === undefined || state === undefined || graph === state) return undefined;
  return `the graph ${paths.graph} is a mount of its own, and the state folder ${paths.state} is not on it: mount the folder instead of the single file, or set KGSYNC_STATE_DIR to a folder that is kept with it`;
};
