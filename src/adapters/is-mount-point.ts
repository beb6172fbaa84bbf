import { readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";

const deviceOf = (path: string): bigint | undefined => statSync(path, { bigint: true, throwIfNoEntry: false })?.dev;

/** proc_pid_mountinfo(5): the fifth field is the mount point, with blanks, tabs, newlines and backslashes as octal numbers. */
const mountPoints = (): readonly string[] => {
  try {
    return readFileSync("/proc/self/mountinfo", "utf8")
      .split("\n")
      .map((line) => line.split(" ")[4] ?? "")
      .map((path) => path.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8))));
  } catch {
    return [];
  }
};

/**
 * Whether something is mounted over the path, which has no links in it: its folder is then not where its content lives. By
 * the device where that tells, because not every system has a list of mounts. Throws errno errors.
 */
export const isMountPoint = (path: string): boolean => {
  const device = deviceOf(path);
  if (device === undefined) return false;
  return device !== deviceOf(dirname(path)) || mountPoints().includes(path);
};
