import { mkdirSync, mkdtempSync, realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, isAbsolute, join, normalize, resolve } from "node:path";
import type { Config } from "../config/schema.ts";
import { KgsyncError } from "../core/errors.ts";

/** Where a tool has the files for itself. All paths are absolute. */
export type PrivateCopy = {
  /** Holds all of it, and is nobody else's. */
  readonly folder: string;
  readonly graph: string;
  readonly backups: string | undefined;
  /** The documents beside it, under their names. */
  readonly include: Config["include"];
  /** The tool's working directory; `undefined`: the one that it would have had. */
  readonly cwd: string | undefined;
};

const upwards = (path: string): number =>
  isAbsolute(path)
    ? 0
    : normalize(path)
        .split("/")
        .filter((part) => part === "..").length;

/**
 * Makes a folder of its own with the way to a copy of the files, none of which is copied: they come from the bucket. What is
 * relative in the settings lies at the same relative path from the working directory, which is one of the folder's, so
 * that a tool with built-in paths finds it. Throws KgsyncError `disk`.
 */
export const makePrivateCopy = ({
  graph,
  backups,
  include,
}: Pick<Config, "graph" | "backups" | "include">): PrivateCopy => {
  const folder = make(() => mkdtempSync(join(realpathSync(tmpdir()), "kgsync-exec-"))); // mode 0700
  // As deep as the paths climb: `../data/graph.json` is below the folder too.
  const paths = [graph, ...(backups === undefined ? [] : [backups])];
  const depth = Math.max(...paths.map(upwards));
  const cwd = join(folder, ...Array.from({ length: depth + 1 }, () => "cwd"));
  const place = (path: string, kind: string): string =>
    isAbsolute(path) ? join(folder, kind, basename(path)) : resolve(cwd, path);
  const copy = {
    folder,
    graph: place(graph, "graph"),
    backups: backups === undefined ? undefined : place(backups, "backups"),
    include: include?.map((one) => ({
      ...one,
      path:
        one.path === graph
          ? place(graph, "graph")
          : isAbsolute(one.path)
            ? join(folder, "include", one.name)
            : resolve(cwd, one.path),
    })),
    cwd: isAbsolute(graph) ? undefined : cwd,
  };
  const folders = [
    cwd,
    dirname(copy.graph),
    ...(copy.backups === undefined ? [] : [copy.backups]),
    ...(copy.include ?? []).map(({ path, mode }) => (mode === "immutable-set" ? path : dirname(path))),
  ];
  for (const path of folders) make(() => mkdirSync(path, { recursive: true, mode: 0o700 }));
  return copy;
};

const make = <T>(work: () => T): T => {
  try {
    return work();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : "";
    throw new KgsyncError("disk", `the tool's copy of the files has no place in ${tmpdir()}: ${why}`, {
      cause,
      hint: "Set TMPDIR to a folder that can be written.",
    });
  }
};
