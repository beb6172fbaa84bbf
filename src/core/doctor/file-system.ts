import type { Mount } from "./mount-table.ts";

/**
 * What a file system gives to those who share it.
 *
 * | kind | hard links | rename | seen by other hosts |
 * |---|---|---|---|
 * | `local`, `layer`, `memory` | yes | atomic | there are none |
 * | `nfs`, `efs` | yes, atomic for all | atomic for all | within the attribute cache, no inotify |
 * | `cluster` | yes | atomic for all | at once, no inotify |
 * | `smb` | if the server has them | atomic, not over an open file | within the attribute cache |
 * | `sshfs` | yes | atomic with OpenSSH | each has a cache and inode numbers of its own |
 * | `host-share` | usually | usually atomic | the host of the machine |
 * | `object-store` | no | a copy and a deletion | at the next upload |
 * | `no-links` | no | not atomic in a crash | there are none |
 * | `fuse` | nobody knows | nobody knows | nobody knows |
 */
export type FileSystemKind =
  | "local"
  | "layer"
  | "memory"
  | "nfs"
  | "efs"
  | "cluster"
  | "smb"
  | "sshfs"
  | "host-share"
  | "object-store"
  | "no-links"
  | "fuse";

const OBJECT_STORES = /s3fs|goofys|geesefs|mountpoint-s3|gcsfuse|blobfuse|ossfs|cosfs|obsfs|rclone|s3ql|objectivefs/;
const EFS = /(?:^|\.)fs-[0-9a-f]+\.efs\.|^fs-[0-9a-f]+[.:]|^127\.0\.0\.1:\/?$/;

const BY_TYPE: readonly (readonly [RegExp, FileSystemKind])[] = [
  [/^(?:tmpfs|ramfs)$/, "memory"],
  [/^(?:overlay|aufs|fuse\.fuse-overlayfs)$/, "layer"],
  [/^(?:ceph|fuse\.ceph|glusterfs|fuse\.glusterfs|lustre|gpfs|beegfs|ocfs2|gfs2|fuse\.juicefs|afs)/, "cluster"],
  [/^(?:cifs|smb)/, "smb"],
  [/^fuse\.sshfs$/, "sshfs"],
  [/^(?:9p|virtiofs|vboxsf|prl_fs|fakeowner|fuse\.(?:grpcfuse|osxfs|gvisor|vmhgfs))/, "host-share"],
  [/^(?:vfat|msdos|exfat)$/, "no-links"],
  [/^fuse/, "fuse"],
];

/** By the type in the mount table, and where that says too little by what is mounted. */
export const fileSystemKind = ({ type, source }: Pick<Mount, "type" | "source">): FileSystemKind => {
  if (type.startsWith("nfs")) return EFS.test(source) ? "efs" : "nfs";
  if (type.startsWith("fuse") && (OBJECT_STORES.test(type) || OBJECT_STORES.test(source))) return "object-store";
  return BY_TYPE.find(([pattern]) => pattern.test(type))?.[1] ?? "local";
};

/** statfs(2) and linux/magic.h; where there is no mount table. */
const TYPE_OF_MAGIC: Readonly<Record<number, string>> = {
  61267: "ext4",
  1481003842: "xfs",
  2435016766: "btrfs",
  16914836: "tmpfs",
  2035054128: "overlay",
  26985: "nfs",
  4283649346: "cifs",
  4266872130: "smb3",
  1702057286: "fuse",
  12805120: "ceph",
  16914839: "9p",
  19780: "vfat",
  538032816: "exfat",
};

/** A file system's type by the number that statfs(2) gives for it; `undefined` for one that is not known. */
export const typeOfMagic = (magic: number): string | undefined => TYPE_OF_MAGIC[magic];
