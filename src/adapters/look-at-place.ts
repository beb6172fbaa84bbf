import { accessSync, constants, existsSync, readFileSync, statfsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { typeOfMagic } from "../core/doctor/file-system.ts";
import { type Mount, mountOf, parseMounts } from "../core/doctor/mount-table.ts";
import { isMountPoint } from "./is-mount-point.ts";
import { findRealPath } from "./node-file-tree/real-path.ts";

/** What lies at a path, and what carries it. Nothing is written. */
export type Place = {
  readonly mount: Mount | undefined;
  readonly singleFile: boolean;
  readonly unwritable: string | undefined;
  readonly free: number | undefined;
};

/** This process's mount table; empty where there is none. */
export const readMounts = (): readonly Mount[] => {
  try {
    return parseMounts(readFileSync("/proc/self/mountinfo", "utf8"));
  } catch {
    return [];
  }
};

const nearest = (path: string): string => (existsSync(path) || dirname(path) === path ? path : nearest(dirname(path)));

const quiet = <T>(look: () => T): T | undefined => {
  try {
    return look();
  } catch {
    return undefined;
  }
};

/** access(2) tells EROFS too. */
const whyNotWritable = (path: string): string | undefined => {
  try {
    accessSync(path, constants.W_OK);
    return undefined;
  } catch (thrown) {
    return thrown instanceof Error && "code" in thrown && typeof thrown.code === "string" ? thrown.code : "unknown";
  }
};

/** Where there is no table: it is not known where the mount begins, so this is as near as can be told. */
const mountByMagic = (point: string, magic: number): Mount | undefined => {
  const type = typeOfMagic(magic);
  return type === undefined ? undefined : { point, type, source: "", readOnly: false };
};

/** Follows links, and looks at the nearest thing that is there. Never throws. */
export const lookAtPlace = (path: string, mounts: readonly Mount[]): Place => {
  const real = findRealPath(path);
  const there = nearest(real);
  const stat = quiet(() => statSync(there));
  const singleFile = stat?.isFile() === true && quiet(() => isMountPoint(there)) === true;
  // A file is replaced by way of its folder, unless it is a mount of its own.
  const written = stat?.isFile() === true && !singleFile ? dirname(there) : there;
  const fs = quiet(() => statfsSync(there));
  return {
    mount: mountOf(mounts, there) ?? (fs === undefined ? undefined : mountByMagic(there, fs.type)),
    singleFile,
    unwritable: whyNotWritable(written),
    free: fs === undefined ? undefined : fs.bavail * fs.bsize,
  };
};
