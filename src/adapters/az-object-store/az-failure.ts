import { CONNECT_TIMEOUT } from "./create-agent.ts";

/** What is known of a failed request: fields only, no text that might repeat a secret. */
export type AzFailure = {
  /** Of the answer; `undefined`: there was none. */
  readonly status: number | undefined;
  /** Azure's own word (REST, "Blob Storage error codes"), or the network's; empty when there is none. */
  readonly code: string;
  /** Whether the request may have left this host. */
  readonly sent: boolean;
  /** The server's clock, as its answer told it: milliseconds since 1970. */
  readonly serverTime: number | undefined;
};

type Fields = Readonly<Record<string, unknown>>;

const fields = (value: unknown): Fields => (typeof value === "object" && value !== null ? (value as Fields) : {});
const text = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);

/** Codes that Node gives only while it looks up, connects or checks a certificate. */
const BEFORE_SENDING =
  /^(ECONNREFUSED|ENOTFOUND|EAI_|ERR_TLS_CERT|ERR_PROXY|ERR_INVALID|ERR_HTTP_INVALID|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH)/;

const headerOf = (response: Fields, name: string): string | undefined => {
  const { get } = fields(response["headers"]);
  return typeof get === "function" ? text(get.call(response["headers"], name)) : undefined;
};

/** Reads a thrown value of the SDK (a `RestError`). Trusts no class: several versions of one may be loaded. */
export const azFailure = (thrown: unknown): AzFailure => {
  const all = fields(thrown);
  const response = fields(all["response"]);
  const status = typeof all["statusCode"] === "number" ? all["statusCode"] : undefined;
  const network = text(all["code"]) ?? text(all["name"]) ?? "";
  const code = status === undefined ? network : (headerOf(response, "x-ms-error-code") ?? network);
  const told = Date.parse(headerOf(response, "date") ?? "");
  return {
    status,
    code,
    sent: status !== undefined || !(BEFORE_SENDING.test(code) || code === CONNECT_TIMEOUT),
    serverTime: Number.isNaN(told) ? undefined : told,
  };
};
