import { connect, createServer, type Socket } from "node:net";

/**
 * `pass`: as if it were not there. `silent`: takes everything, hands on and answers nothing. `drip`: answers come one byte
 * at a time. `reset`: open connections are reset at once, new ones when their first bytes have come.
 */
export type ProxyMode = "pass" | "silent" | "drip" | "reset";

export type FaultyProxy = {
  readonly port: number;
  readonly setMode: (mode: ProxyMode) => void;
  /** Connections taken so far: shows that a fault was met. */
  readonly connections: () => number;
  readonly close: () => Promise<void>;
};

const DRIP_MS = 2;

/** A TCP proxy on loopback to `port` there, whose manners change while it runs. */
export const startFaultyProxy = async (port: number, initial: ProxyMode = "pass"): Promise<FaultyProxy> => {
  let mode = initial;
  let taken = 0;
  const open = new Set<Socket>();
  const track = (socket: Socket): Socket => {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
    socket.on("error", () => socket.destroy()); // the other side's resets are what this proxy is for
    return socket;
  };

  const drip = (to: Socket, bytes: Buffer, done: () => void): void => {
    if (bytes.length === 0 || to.destroyed) {
      done();
      return;
    }
    to.write(bytes.subarray(0, 1));
    setTimeout(() => drip(to, bytes.subarray(1), done), DRIP_MS);
  };

  const server = createServer((client) => {
    taken += 1;
    track(client);
    const upstream = track(connect(port, "127.0.0.1"));
    client.on("data", (bytes) => {
      if (mode === "reset") client.resetAndDestroy();
      else if (mode !== "silent") upstream.write(bytes);
    });
    upstream.on("data", (bytes) => {
      if (mode === "pass") client.write(bytes);
      if (mode !== "drip") return;
      upstream.pause();
      drip(client, bytes, () => upstream.resume());
    });
    client.on("close", () => upstream.destroy());
    upstream.on("close", () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    setMode: (next) => {
      mode = next;
      if (next === "reset") for (const socket of open) socket.resetAndDestroy();
    },
    connections: () => taken,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
};
