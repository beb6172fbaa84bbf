import { connect } from "node:net";
import type { Clock } from "../../ports/clock.ts";
import { errnoOf } from "../node-file-tree/disk-error.ts";
import { socketPath } from "./socket-path.ts";

/**
 * `dead`: nobody listens, and on this kernel that is certain. `silent`: somebody does but says nothing in time: stopped, or
 * busy. `unsure`: it cannot be told from here (not permitted, no such sockets).
 */
export type SocketReply =
  | { readonly kind: "answer"; readonly line: string }
  | { readonly kind: "dead" | "silent" | "unsure" };

const kindOfFailure = (cause: unknown, connected: boolean): "dead" | "silent" | "unsure" => {
  if (connected) return "silent";
  const errno = errnoOf(cause);
  if (errno === "ECONNREFUSED" || errno === "ENOENT") return "dead";
  return errno === "EAGAIN" ? "silent" : "unsure"; // EAGAIN: its queue of callers is full, so it is there
};

/** Asks one line over a unix socket and waits at most `ms` for the answer. Never rejects. */
export const askSocket = (
  folder: string,
  name: string,
  line: string,
  ms: number,
  clock: Clock,
  signal?: AbortSignal,
): Promise<SocketReply> =>
  new Promise((resolve) => {
    const { path, done } = socketPath(folder, name);
    const limit = clock.timeout(ms, signal);
    let connected = false;
    let text = "";
    const socket = connect(path);
    const end = (reply: SocketReply): void => {
      limit.cancel();
      limit.signal.removeEventListener("abort", late);
      socket.destroy();
      done();
      resolve(reply);
    };
    const late = (): void => end({ kind: connected ? "silent" : "unsure" });
    limit.signal.addEventListener("abort", late);
    if (limit.signal.aborted) late();
    socket.setEncoding("utf8");
    socket.on("connect", () => {
      connected = true;
      socket.write(`${line}\n`);
    });
    socket.on("data", (part) => {
      text += part;
      const stop = text.indexOf("\n");
      if (stop >= 0) end({ kind: "answer", line: text.slice(0, stop) });
    });
    socket.on("error", (cause) => end({ kind: kindOfFailure(cause, connected) }));
    socket.on("close", () => end({ kind: connected ? "silent" : "unsure" }));
  });
