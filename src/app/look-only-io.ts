import type { Stamp } from "../ports/file-tree.ts";
import type { Log } from "../ports/log.ts";
import type { Io } from "./io.ts";

const SILENT: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** Of a file that was not written. */
const NOWHERE: Stamp = { size: 0, mtimeNs: "0", ctimeNs: "0", inode: "0" };

/**
 * The same ports for a look that must leave no trace: what would be noted in the state folder is forgotten, and nothing is
 * told as done; only a large graph of the bucket, which has to lie somewhere, is left there as a base that nobody needs. Good beside a running kgsync too, since it never reads half of a file that another one replaces.
 */
export const lookOnlyIo = (io: Io): Io => ({
  ...io,
  log: SILENT,
  large: io.large && { ...io.large, copy: async () => undefined },
  files: { ...io.files, write: async () => NOWHERE, remove: async () => undefined },
});
