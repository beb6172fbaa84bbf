/** One line of /proc/PID/mountinfo. */
export type Mount = {
  /** Absolute path, decoded. */
  readonly point: string;
  /** The file system's type: `ext4`, `overlay`, `nfs4`. */
  readonly type: string;
  /** What is mounted: a device, `host:/path`, the name of a FUSE program. */
  readonly source: string;
  readonly readOnly: boolean;
};

const decode = (path: string): string =>
  path.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));

/** Whether a mount, or the file system behind it, is read-only. */
const isReadOnly = (options: string): boolean => options.split(",").includes("ro");

/**
 * Reads a mount table: fields 5 (mount point), 6 (the mount's options), and behind a lone `-` the type, the source
 * and the file system's own options (proc_pid_mountinfo(5)). Lines of another form are left out.
 */
export const parseMounts = (text: string): readonly Mount[] =>
  text.split("\n").flatMap((line) => {
    const [before = "", after = ""] = line.split(" - ", 2);
    const [, , , , point, options = ""] = before.split(" ");
    const [type, source = "", superOptions = ""] = after.split(" ");
    if (point === undefined || type === undefined || type === "") return [];
    return [
      { point: decode(point), type, source: decode(source), readOnly: isReadOnly(options) || isReadOnly(superOptions) },
    ];
  });

/** The mount that a path without links lies on. A later line covers an earlier one of the same point. */
export const mountOf = (mounts: readonly Mount[], path: string): Mount | undefined => {
  const above = mounts.filter(({ point }) => point === "/" || path === point || path.startsWith(`${point}/`));
  return above.reduce<Mount | undefined>(
    (found, mount) => (found === undefined || mount.point.length >= found.point.length ? mount : found),
    undefined,
  );
};
