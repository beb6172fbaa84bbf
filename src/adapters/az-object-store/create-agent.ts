import { type AgentOptions, Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import type { Socket } from "node:net";
import type { AzOptions } from "./az-options.ts";

const MAX_SOCKETS = 50;

/** The code of a connection that was not there in time: nothing has been sent on it. */
export const CONNECT_TIMEOUT = "CONNECT_TIMEOUT";

const timedOut = (code: string): Error => Object.assign(new Error("the server was silent for too long"), { code });

/** A socket says that it is silent, and nothing more: somebody has to end it. */
const limit = (socket: Socket, opened: string, connectMs: number, idleMs: number): void => {
  let open = false;
  socket.setTimeout(connectMs);
  socket.once(opened, () => {
    open = true;
    socket.setTimeout(idleMs);
  });
  socket.on("timeout", () => socket.destroy(timedOut(open ? "ETIMEDOUT" : CONNECT_TIMEOUT)));
};

/**
 * Sockets with every limit set: the SDK has one for a whole request, which a large body on a slow line needs more of than
 * a silent server should get. A tunnel that the proxy does not open ends by the agent's own limit.
 */
export const createAgent = (options: AzOptions): HttpAgent => {
  const { requestTimeoutMs, connectTimeoutMs, proxyEnv } = options;
  const secure = options.account.endpoint.startsWith("https:");
  const settings: AgentOptions = {
    keepAlive: true,
    maxSockets: MAX_SOCKETS,
    timeout: requestTimeoutMs,
    ...(proxyEnv === undefined ? {} : { proxyEnv: { ...proxyEnv } }),
  };
  const agent = secure ? new HttpsAgent(settings) : new HttpAgent(settings);
  const create = agent.createConnection.bind(agent);
  agent.createConnection = (target, callback) => {
    const socket = create(target, callback);
    if (socket !== null && socket !== undefined)
      limit(socket as Socket, secure ? "secureConnect" : "connect", connectTimeoutMs, requestTimeoutMs);
    return socket;
  };
  return agent;
};
