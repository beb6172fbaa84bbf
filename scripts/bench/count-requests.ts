import { Agent, createServer, type IncomingMessage, request } from "node:http";

/** One request whose answer has ended. `kind` is the method, or LIST. Bytes are of bodies. */
export type Answered = {
  readonly kind: string;
  readonly path: string;
  readonly status: number;
  readonly up: number;
  readonly down: number;
};

const counted = (from: IncomingMessage): (() => number) => {
  let bytes = 0;
  from.on("data", (piece: Buffer) => {
    bytes += piece.length;
  });
  return () => bytes;
};

/**
 * A proxy before the server that hands requests on as they are (the signature covers the host's name, which is left) and
 * notes each. `take` gives what was noted since the last time; `onAnswered` is called when an answer has ended.
 */
export const countRequests = async (endpoint: string, onAnswered: (answered: Answered) => void = () => undefined) => {
  let noted: Answered[] = [];
  const agent = new Agent({ keepAlive: true });
  const { port, hostname } = new URL(endpoint);
  const server = createServer((incoming, answer) => {
    const { method = "", url: path = "", headers } = incoming;
    const query = new URL(path, endpoint).searchParams;
    const kind = query.has("prefix") || query.has("delimiter") ? "LIST" : method;
    const up = counted(incoming);
    const onward = request({ hostname, port, method, path, headers, agent }, (answered) => {
      const { statusCode: status = 500 } = answered;
      const down = counted(answered);
      answer.writeHead(status, answered.rawHeaders);
      answered.pipe(answer);
      answered.once("end", () => {
        const done = { kind, path, status, up: up(), down: down() };
        noted.push(done);
        onAnswered(done);
      });
    });
    onward.on("error", () => answer.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const take = (): readonly Answered[] => {
    const all = noted;
    noted = [];
    return all;
  };
  const close = (): void => {
    agent.destroy();
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${address.port}`, take, close };
};

/** How many of each kind, in the order of their names: `1 GET, 5 LIST`. */
export const requestsText = (all: readonly Pick<Answered, "kind">[]): string => {
  const counts = new Map<string, number>();
  for (const { kind } of all) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([kind, count]) => `${count} ${kind}`)
    .join(", ");
};
