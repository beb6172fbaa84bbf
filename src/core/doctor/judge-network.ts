import { type Finding, ok, warning } from "./finding.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** How the bucket is reached. */
export type NetworkFacts = {
  /** Whose service it is, for the words. */
  readonly service: "AWS" | "Azure" | "Google";
  /** The variable that leads to further authorities. */
  readonly caVariable: "AWS_CA_BUNDLE" | "NODE_EXTRA_CA_CERTS";
  /** The endpoint in sight; `undefined`: the service's own, or one in a profile. */
  readonly endpoint: string | undefined;
  readonly env: Env;
  /** Whether this Node's agents take a proxy from the environment. */
  readonly nodeKnowsProxies: boolean;
};

const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** With user and password masked, and nothing behind the host. */
const originOf = (text: string): string => (URL.canParse(text) ? new URL(text).origin : "an address that is no URL");

/** The value, in either spelling; a lower-case one is preferred by most programs. */
const read = (env: Env, name: string): string | undefined => env[name.toLowerCase()] || env[name] || undefined;

const judgeTls = ({ endpoint, env, service, caVariable }: NetworkFacts): Finding => {
  if (env["NODE_TLS_REJECT_UNAUTHORIZED"] === "0")
    return warning(
      "network.tls",
      "NODE_TLS_REJECT_UNAUTHORIZED=0: no certificate is checked",
      `Take it away, and name the private authority's PEM file in ${caVariable}.`,
    );
  const url = endpoint !== undefined && URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  const bundle = env[caVariable];
  const authority = bundle === undefined || bundle === "" ? "" : `, and the authorities in ${bundle}`;
  if (url?.protocol !== "http:")
    return ok("network.tls", `${url?.origin ?? service}: by TLS, with the built-in authorities${authority}`);
  if (LOOPBACK.test(url.hostname))
    return ok("network.tls", `${url.origin}: without TLS, and it does not leave this host`);
  return warning(
    "network.tls",
    `${url.origin}: without TLS, everything can be read on the way`,
    "Use an https endpoint, unless the network is your own.",
  );
};

const judgeProxy = ({ endpoint, env, nodeKnowsProxies }: NetworkFacts): Finding => {
  const secure = endpoint?.startsWith("http:") !== true;
  const name = secure ? "HTTPS_PROXY" : "HTTP_PROXY";
  const proxy = read(env, name);
  if (proxy === undefined) return ok("network.proxy", "none");
  const except = read(env, "NO_PROXY");
  const saw = `${name} is ${originOf(proxy)}${except === undefined ? "" : `, NO_PROXY is ${except}`}`;
  return nodeKnowsProxies
    ? ok("network.proxy", saw)
    : warning("network.proxy", `${saw}, and this Node cannot use it`, "Run Node 22.21, 24.5 or later.");
};

/** TLS and proxy, as configured. Whether the bucket answers is seen by asking it. */
export const judgeNetwork = (facts: NetworkFacts): readonly Finding[] => [judgeTls(facts), judgeProxy(facts)];
