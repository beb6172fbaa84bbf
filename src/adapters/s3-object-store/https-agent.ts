import { Agent, type AgentOptions, request } from "node:https";
import { getCACertificates } from "node:tls";

/** What requests over TLS are sent by. A file of its own: the modules behind it take half as long to load as Node to start. */
export const openHttps = (options: AgentOptions, caBundle: string | undefined) => {
  const ca = caBundle === undefined ? {} : { ca: [...getCACertificates("default"), caBundle] };
  return { agent: new Agent({ ...options, ...ca }), request };
};
