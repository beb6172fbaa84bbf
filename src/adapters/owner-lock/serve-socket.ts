import { chmodSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import type { Clock } from "../../ports/clock.ts";
import { socketPath } from "./socket-path.ts";

/** Answers one line with one line. May not reject. */
export type Answer = (line: string) => Promise<string>;

const MAX_LINE = 4096;
const PATIENCE_MS = 10_000;

const talk = (socket: Socket, answer: Answer, clock: Clock): void => {
  socket.unref();
  socket.setEncoding("utf8");
  let asked = "";
  const cancel = clock.after(PATIENCE_MS, () => socket.destroy());
  socket.once("close", cancel);
  socket.on("error", () => socket.destroy()); // who asked and went away is no matter of ours
  socket.on("data", (text) => {
    asked += text;
    const end = asked.indexOf("\n");
    if (end < 0 && asked.length > MAX_LINE) socket.destroy();
    if (end < 0) return;
    socket.pause();
    cancel(); // from here on it is the answer that takes its time
    void answer(asked.slice(0, end)).then((line) => socket.end(`${line}\n`));
  });
};

/** connect(2) needs write permission. Where the file system keeps no modes, the folder's own have to do. */
const keepForOwner = (path: string): void => {
  try {
    chmodSync(path, 0o600);
  } catch {
    // a folder of ours is 0700
  }
};

/**
 * Listens on a unix socket in the folder: one line in, one line out, for this user alone. It does not keep the process alive.
 * `undefined` where the file system has no sockets; the heartbeat stands in. `close` removes the socket and may be called twice.
 */
export const serveSocket = (
  folder: string,
  name: string,
  answer: Answer,
  clock: Clock,
): Promise<{ readonly close: () => void } | undefined> =>
  new Promise((resolve) => {
    const { path, done } = socketPath(folder, name);
    const server = createServer((socket) => talk(socket, answer, clock));
    const close = (): void => void server.close(done);
    server.once("error", () => {
      done();
      resolve(undefined);
    });
    server.listen(path, () => {
      server.unref();
      keepForOwner(path);
      server.on("error", () => undefined); // out of descriptors for a caller: it sees a connection without an answer
      resolve({ close });
    });
  });
