import { join } from "node:path";
import type { ValidateMode } from "../../core/graph.ts";
import { parseDigest } from "../../core/version.ts";
import type { Clock } from "../../ports/clock.ts";
import type { FileTree } from "../../ports/file-tree.ts";
import type { LargeFile, LargeFiles, LargeLook } from "../../ports/large-files.ts";
import { type Disk, nodeDisk } from "../node-file-tree/disk.ts";
import { errnoOf, onDisk, unlessAbsent } from "../node-file-tree/disk-error.ts";
import { createFolderSync } from "../node-file-tree/folder-sync.ts";
import { sameContent as sameStamp, stampOf } from "../node-file-tree/stamp.ts";
import { ONLY_IN_PLACE } from "../node-file-tree/swap-file.ts";
import { copyLarge } from "./copy-large.ts";
import { createKnownFiles } from "./known-files.ts";
import { readLarge } from "./read-large.ts";
import { receiveFile } from "./receive-file.ts";
import { sameContent } from "./same-content.ts";
import { scanInWorker } from "./scan-in-worker.ts";

export type LargeFilesOptions = {
  readonly above: number;
  /** Names the rules that a graph is held against: what was found by others does not count. */
  readonly rules: string;
  readonly mode: ValidateMode;
  /** The state folder: what lies below it only this program writes. */
  readonly state: string;
  /** For a target that cannot be renamed over. */
  readonly write: FileTree["write"];
  readonly clock: Pick<Clock, "now">;
  readonly disk?: Disk;
  /** The user's own validator, told where the file lies; what it refuses is invalid. */
  readonly validate?:
    | ((path: string) => Promise<{ readonly kind: "invalid"; readonly why: string } | undefined>)
    | undefined;
};

/** What is not renamed over goes through memory, and no read(2) gives more at once. */
const IN_PLACE_AT_MOST = 2 ** 31 - 1;

/** Tries until the file stands still for as long as it takes to go through it. */
const TRIES = 3;

/** Large graphs on this machine's disks. */
export const createLargeFiles = (options: LargeFilesOptions): LargeFiles => {
  const { above, mode, state, clock, validate, disk = nodeDisk } = options;
  const sync = createFolderSync(disk);
  const known = createKnownFiles(join(state, "large.json"), options.rules);
  const isOwn = (path: string): boolean => path.startsWith(`${state}/`);
  const stampAt = async (path: string) => {
    const stat = await unlessAbsent(() => disk.stat(path, { bigint: true }));
    return stat === undefined ? undefined : { stamp: stampOf(stat), isFile: stat.isFile() };
  };
  const validated = async (file: LargeFile): Promise<LargeFile> => {
    const refused = file.check.kind === "valid" ? await validate?.(file.path) : undefined;
    return refused === undefined ? file : { ...file, check: refused };
  };

  const lookOnce = async (path: string): Promise<LargeLook> => {
    const hashedAt = clock.now().wall;
    const found = await stampAt(path);
    if (found === undefined) return { kind: "absent" };
    const { stamp, isFile } = found;
    if (!isFile || stamp.size <= above) return { kind: "small" };
    const before = await known.find(path, stamp);
    if (before !== undefined) return { kind: "still", file: before };
    const others = (await known.ofSize(stamp.size)).map(({ sha256, check }) => ({ sha256, check }));
    const answer = await scanInWorker({ path, size: stamp.size, mode, known: others });
    const sha256 = answer === "moving" ? undefined : parseDigest(answer.sha256);
    const after = await stampAt(path);
    if (answer === "moving" || sha256 === undefined || after === undefined) return { kind: "moving" };
    if (!sameStamp(answer.stamp, stamp) || !sameStamp(after.stamp, stamp)) return { kind: "moving" };
    const file = await validated({ path, stamp, sha256, check: answer.check });
    await known.note(file, isOwn(path) ? "own" : hashedAt);
    return { kind: "still", file };
  };

  return {
    above,
    look: (path) =>
      onDisk("read", path, async () => {
        for (let left = TRIES; left > 1; left--) {
          const look = await lookOnce(path);
          if (look.kind !== "moving") return look;
        }
        return lookOnce(path);
      }),
    receive: (folder, size, bring) =>
      onDisk("write", folder, async () => {
        const came = await receiveFile({ disk, sync, mode }, folder, size, bring);
        if (came === "changed") return came;
        const file = await validated(came);
        await known.note(file, "own");
        return file;
      }),
    copy: (from, to) =>
      onDisk("write", to, async () => {
        try {
          const hashedAt = clock.now().wall;
          const stamp = await copyLarge(disk, sync, from, to);
          await known.note({ ...from, path: to, stamp }, isOwn(to) ? "own" : hashedAt);
        } catch (cause) {
          if (!ONLY_IN_PLACE.has(errnoOf(cause))) throw cause;
          if (from.stamp.size > IN_PLACE_AT_MOST) throw cause;
          await options.write(to, await readLarge(disk, from)(0, from.stamp.size));
        }
      }),
    body: (file) => ({ size: file.stamp.size, read: readLarge(disk, file), sha256: file.sha256 }),
    same: (a, b) => sameContent(a, b, (file) => readLarge(disk, file)),
  };
};
