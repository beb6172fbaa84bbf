// A thread: a TCP proxy that lets every byte arrive `ms` later, half of it each way, as a server at a distance would.
import { connect, createServer, type Socket } from "node:net";
import { parentPort, workerData } from "node:worker_threads";

const { port, host, ms } = workerData;

const hand = (from: Socket, to: Socket): void => {
  const later = (act: () => void): void => void setTimeout(act, ms / 2);
  from.setNoDelay(true);
  from.on("data", (bytes) => later(() => to.destroyed || to.write(bytes)));
  from.on("end", () => later(() => to.end()));
  from.on("error", () => to.destroy());
  from.on("close", () => later(() => later(() => to.destroy())));
};

const server = createServer((client) => {
  const far = connect(port, host);
  hand(client, far);
  hand(far, client);
});
server.listen(0, "127.0.0.1", () => parentPort?.postMessage(server.address()));
