import { execFileSync } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, rmSync } from "node:fs";
import { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export type OpenPipe = {
  /** For a child's stdio. Blocking, as an engine hands it over. */
  readonly writeFd: number;
  /** Reads nothing before somebody listens. Ends when the last writer has closed. */
  readonly reader: Socket;
  /** Our own writing end: to be closed once the child has it, or there will be no end. */
  readonly closeWriter: () => void;
};

/** A pipe(7) as engines give to containers. Node's own `stdio: "pipe"` is a socket, which fills up and opens differently. */
export const openPipe = (): OpenPipe => {
  const folder = mkdtempSync(join(tmpdir(), "kgsync-pipe-"));
  const path = join(folder, "pipe");
  execFileSync("mkfifo", [path]);
  const readFd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writeFd = openSync(path, constants.O_WRONLY);
  rmSync(folder, { recursive: true });
  const reader = new Socket({ fd: readFd, readable: true, writable: false });
  reader.on("error", () => undefined);
  return { writeFd, reader, closeWriter: () => closeSync(writeFd) };
};
