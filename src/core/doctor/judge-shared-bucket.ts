import { type FileSystemKind, fileSystemKind } from "./file-system.ts";
import { type Finding, ok, warning } from "./finding.ts";
import type { Mount } from "./mount-table.ts";

type Verdict = { readonly saw: string; readonly advice?: string };

const VERDICTS: Partial<Record<FileSystemKind, Verdict>> = {
  nfs: { saw: "NFS: links and renames are atomic for all hosts; what others write is seen within seconds (actimeo)" },
  efs: { saw: "EFS: links and renames are atomic for all hosts; what others write is seen within seconds" },
  cluster: { saw: "a cluster's file system: links and renames are atomic for all hosts" },
  smb: {
    saw: "SMB: hard links only if the server has them; nobody can replace a file that another host holds open",
    advice: "Use NFS or a bucket if a push fails. Mount with actimeo=1 or less, so that hosts see each other soon.",
  },
  sshfs: {
    saw: "SSHFS: safe for one host; several see each other late, under other inode numbers, and fail rather than push",
    advice: "For several hosts use NFS, or a bucket.",
  },
  "object-store": {
    saw: "a bucket mounted as files: it has no hard links, a rename is a copy, and the last who writes wins",
    advice: "Use the bucket itself: KGSYNC_BUCKET=s3://bucket/prefix, which is also faster.",
  },
  "no-links": {
    saw: "a file system without hard links: kgsync cannot write there",
    advice: "Use ext4, XFS or Btrfs, or a bucket.",
  },
  "host-share": {
    saw: "a share of this machine's host: good for one machine",
    advice: "For several machines use NFS, or a bucket.",
  },
  fuse: {
    saw: "a FUSE file system that kgsync does not know: it may promise less than a disk",
    advice: "If it stands for a bucket, use that: KGSYNC_BUCKET=s3://bucket/prefix.",
  },
};

/** What a file:// bucket's file system gives to several hosts; `undefined` where one host has it to itself. */
export const judgeSharedBucket = (check: string, where: string, mount: Mount): Finding | undefined => {
  const verdict = VERDICTS[fileSystemKind(mount)];
  if (verdict === undefined) return undefined;
  const saw = `${where}: ${verdict.saw}`;
  return verdict.advice === undefined ? ok(check, saw) : warning(check, saw, verdict.advice);
};
