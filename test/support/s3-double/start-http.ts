import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";

export type HttpServer = {
  readonly url: string;
  readonly port: number;
  readonly server: Server;
  readonly close: () => Promise<void>;
};

/** A plain HTTP server on loopback, for what S3 clients talk to besides S3. */
export const startHttp = async (
  listener: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<HttpServer> => {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    server,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
