import { fileSystemKind } from "./file-system.ts";
import { type Finding, ok, problem, warning } from "./finding.ts";
import { judgeSharedBucket } from "./judge-shared-bucket.ts";
import type { Mount } from "./mount-table.ts";

/** What was seen of a path that kgsync keeps something at. */
export type PlaceFacts = {
  /** `graph`, `backups`, `state`, or `bucket` where that is a folder. */
  readonly name: string;
  readonly setting: string;
  readonly path: string;
  /** What it lies on; `undefined` where the system has no mount table. */
  readonly mount: Mount | undefined;
  /** Something is mounted over the path itself, and it is a file. */
  readonly singleFile: boolean;
  /** Why it cannot be written, tried on the nearest folder that is there; `undefined` when it can. */
  readonly unwritable: string | undefined;
  /** Free bytes for this user; `undefined` where it cannot be told. */
  readonly free: number | undefined;
};

const MIB = 1024 * 1024;
const LITTLE = 64 * MIB;

const judgeFileSystem = (check: string, where: string, name: string, mount: Mount): Finding | undefined => {
  const kind = fileSystemKind(mount);
  if (kind === "memory")
    return warning(
      check,
      `${where} is in memory`,
      "What is not in the bucket yet is lost with the container: use a volume on a disk.",
    );
  if (name === "bucket") return judgeSharedBucket(check, where, mount);
  if (kind === "local" || kind === "layer") return undefined;
  if (kind === "object-store")
    return warning(
      check,
      `${where} is a bucket mounted as files: a rename is a copy there, and half a save can be seen`,
      "Keep the app's files on a disk, and let kgsync bring them to the bucket: KGSYNC_BUCKET=s3://bucket/prefix.",
    );
  if (kind === "no-links")
    return warning(
      check,
      `${where} has no hard links, by which one kgsync keeps out another`,
      "Use a volume with ext4, XFS or Btrfs.",
    );
  return warning(
    check,
    `${where} is a network file system`,
    "Changes that other machines make are noticed by KGSYNC_INTERVAL only. One volume for each replica.",
  );
};

/** Where a path lies, whether it can be written, and what that means for the app's saves. */
export const judgePlace = (facts: PlaceFacts): Finding => {
  const { name, path, mount, unwritable, free, setting } = facts;
  const check = `disk.${name}`;
  const where = mount === undefined ? path : `${path} on ${mount.type} at ${mount.point}`;
  if (mount?.readOnly === true)
    return problem(check, "disk", `${where} is read-only`, `Mount it writable, or set ${setting} to a writable path.`);
  if (unwritable !== undefined)
    return problem(
      check,
      "disk",
      `${where} cannot be written (${unwritable})`,
      "Fix owner and mode for the user that kgsync runs as; in Kubernetes set fsGroup.",
    );
  if (facts.singleFile)
    return warning(
      check,
      `${path} is a mount of its own, of a single file: it cannot be replaced whole`,
      "Mount the folder instead of the file. Until then it is written in place, with a journal in the state folder.",
    );
  if (free !== undefined && free < LITTLE)
    return warning(
      check,
      `${where} has ${Math.floor(free / MIB)} MiB left`,
      "Free space: a save that does not fit is torn.",
    );
  return (
    (mount === undefined ? undefined : judgeFileSystem(check, where, name, mount)) ??
    ok(check, mount?.type === "overlay" ? `${where}: the container's own layer, which is gone with it` : where)
  );
};
