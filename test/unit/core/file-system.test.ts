import { statfsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { lookAtPlace, readMounts } from "../../../src/adapters/look-at-place.ts";
import { fileSystemKind, typeOfMagic } from "../../../src/core/doctor/file-system.ts";
import { judgePlace } from "../../../src/core/doctor/judge-place.ts";
import { parseMounts } from "../../../src/core/doctor/mount-table.ts";

/** Lines as the programs' own mounts look in /proc/self/mountinfo, from ` - ` on, and what they are. */
const TABLE = [
  ["ext4 /dev/vda rw", "local"],
  ["xfs /dev/nvme1n1 rw", "local"],
  ["overlay overlay rw,lowerdir=/l", "layer"],
  ["fuse.fuse-overlayfs fuse-overlayfs rw", "layer"],
  ["tmpfs tmpfs rw", "memory"],
  ["nfs nas:/export rw,vers=3", "nfs"],
  ["nfs4 nas:/ rw,vers=4.2", "nfs"],
  ["nfs4 fs-0a1b2c3d.efs.eu-central-1.amazonaws.com:/ rw", "efs"],
  ["nfs4 127.0.0.1:/ rw,port=20049", "efs"],
  ["cifs //nas/share rw", "smb"],
  ["smb3 //nas/share rw", "smb"],
  ["fuse.sshfs me@host:/folder rw", "sshfs"],
  ["ceph 10.0.0.1:6789:/ rw", "cluster"],
  ["fuse.glusterfs gl:/vol rw", "cluster"],
  ["fuse.juicefs JuiceFS:x rw", "cluster"],
  ["virtiofs share rw", "host-share"],
  ["9p hostshare rw", "host-share"],
  ["fuse.s3fs s3fs rw", "object-store"],
  ["fuse.geesefs bucket rw", "object-store"],
  ["fuse mountpoint-s3 rw", "object-store"],
  ["fuse.gcsfuse my-bucket rw", "object-store"],
  ["fuse gcsfuse rw", "object-store"],
  ["fuse.rclone remote:bucket rw", "object-store"],
  ["fuse.blobfuse2 blobfuse2 rw", "object-store"],
  ["vfat /dev/sda1 rw", "no-links"],
  ["fuse.unheard-of x rw", "fuse"],
  ["fuseblk /dev/sda2 rw", "fuse"],
] as const;

const mountOf = (line: string) => {
  const [mount] = parseMounts(`22 1 8:1 / /mnt rw - ${line}`);
  if (mount === undefined) throw new Error(line);
  return mount;
};

describe("a file system", () => {
  it.each(TABLE)("%s is %s", (line, kind) => {
    expect(fileSystemKind(mountOf(line))).toBe(kind);
  });

  it.each([
    ["nfs4 nas:/ rw", "ok", "atomic for all hosts"],
    ["nfs4 fs-0a1b2c3d.efs.eu-central-1.amazonaws.com:/ rw", "ok", "EFS"],
    ["ceph 10.0.0.1:6789:/ rw", "ok", "cluster"],
    ["cifs //nas/share rw", "warning", "hard links only if"],
    ["fuse.sshfs me@host:/folder rw", "warning", "safe for one host"],
    ["fuse.s3fs s3fs rw", "warning", "a rename is a copy"],
    ["vfat /dev/sda1 rw", "warning", "without hard links"],
    ["virtiofs share rw", "warning", "one machine"],
    ["fuse.unheard-of x rw", "warning", "does not know"],
    ["ext4 /dev/vda rw", "ok", "ext4"],
    ["tmpfs tmpfs rw", "warning", "in memory"],
  ])("as the bucket, %s: %s, %s", (line, status, words) => {
    const facts = { setting: "KGSYNC_BUCKET", singleFile: false, unwritable: undefined, free: undefined };
    const found = judgePlace({ ...facts, name: "bucket", path: "/mnt/b", mount: mountOf(line) });
    expect([found.status, found.saw]).toEqual([status, expect.stringContaining(words)]);
    expect(found.advice !== undefined).toBe(status === "warning");
  });

  it.each([
    ["fuse.s3fs s3fs rw", "a bucket mounted as files"],
    ["vfat /dev/sda1 rw", "no hard links"],
    ["nfs4 nas:/ rw", "network file system"],
  ])("as the graph's, %s: %s", (line, words) => {
    const facts = { setting: "KGSYNC_GRAPH", singleFile: false, unwritable: undefined, free: undefined };
    const found = judgePlace({ ...facts, name: "graph", path: "/mnt/g", mount: mountOf(line) });
    expect([found.status, found.saw]).toEqual(["warning", expect.stringContaining(words)]);
  });

  it("is known by its magic number where there is no mount table", () => {
    expect(typeOfMagic(statfsSync("/dev/shm").type)).toBe("tmpfs");
    expect(typeOfMagic(statfsSync("/proc").type)).toBeUndefined();
    expect(lookAtPlace("/dev/shm", [])).toMatchObject({ mount: { type: "tmpfs", point: "/dev/shm" } });
    expect(lookAtPlace("/dev/shm", readMounts())).toMatchObject({
      mount: { type: "tmpfs", source: expect.any(String) },
    });
  });
});
