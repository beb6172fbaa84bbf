import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

/** Debian's, not what a version manager may have put in front of it: that costs a shell and more at each start. */
const AWS = existsSync("/usr/bin/aws") ? "/usr/bin/aws" : "aws";

const VERSION: Readonly<Record<string, readonly [string, ...string[]]>> = {
  rclone: ["rclone", "version"],
  aws: [AWS, "--version"],
  s5cmd: ["s5cmd", "version"],
  tini: ["tini", "--version"],
};

/** The program of a peer, as it is to be called. */
export const programOf = (peer: string): string => VERSION[peer]?.[0] ?? peer;

/** What the peer says of itself: the first line that has a number; nothing when it is not installed. */
export const versionOf = (peer: string): string | undefined => {
  const [program = peer, ...args] = VERSION[peer] ?? [];
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8" });
  return status === 0
    ? `${stdout}\n${stderr}`
        .split("\n")
        .find((line) => /\d/.test(line))
        ?.trim()
    : undefined;
};

/** The names of those that are installed. The others are left out, and whoever prints says so. */
export const installedPeers = (names: readonly string[]): ReadonlySet<string> =>
  new Set(names.filter((name) => versionOf(name) !== undefined));
