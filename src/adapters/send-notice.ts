import { type ClientRequest, Agent as HttpAgent, request as httpRequest, type RequestOptions } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import type { SendNotice } from "../ports/notify.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** The URL is a secret and stands in no reason, nor does a host's name that cannot be found. */
const codeOf = (thrown: unknown): string =>
  thrown instanceof Error && "code" in thrown && typeof thrown.code === "string" ? thrown.code : "unknown";

const open = (url: string, env: Env, options: RequestOptions): ClientRequest => {
  const agentOptions = { keepAlive: false, proxyEnv: { ...env } };
  return url.startsWith("https:")
    ? httpsRequest(url, { ...options, agent: new HttpsAgent(agentOptions) })
    : httpRequest(url, { ...options, agent: new HttpAgent(agentOptions) });
};

const optionsFor = (body: Buffer | undefined): RequestOptions =>
  body === undefined
    ? { method: "GET" }
    : { method: "POST", headers: { "content-type": "application/json", "content-length": body.length } };

/**
 * Notices over HTTP, one connection each. Proxies as in the environment, where this Node knows them (22.21, 24.5). Whatever is
 * not a success (RFC 9110 §15.3) is a failure.
 */
export const createSendNotice =
  (env: Env): SendNotice =>
  async (url, json, signal) => {
    const body = json === undefined ? undefined : Buffer.from(json);
    try {
      const request = open(url, env, { ...optionsFor(body), signal });
      const status = await answerOf(request, body);
      return status >= 200 && status < 300 ? undefined : `answered ${status}`;
    } catch (thrown) {
      return signal.aborted ? "no answer in time" : `no answer (${codeOf(thrown)})`;
    }
  };

const answerOf = (request: ClientRequest, body: Buffer | undefined): Promise<number> =>
  new Promise((resolve, reject) => {
    request.on("error", reject);
    request.on("response", (answer) => {
      resolve(answer.statusCode ?? 0);
      answer.destroy();
    });
    request.end(body);
  });
