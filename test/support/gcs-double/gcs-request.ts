import type { IncomingMessage } from "node:http";

export type GcsOperation =
  | "get"
  | "stat"
  | "list"
  | "delete"
  | "put"
  | "open-session"
  | "put-part"
  | "ask-session"
  | "token"
  | "metadata-token"
  | "unknown";

/** One request as the log keeps it. Header names are in lower case. */
export type GcsRequest = {
  readonly operation: GcsOperation;
  readonly bucket: string;
  /** The object's name, as far as the path or the query gives it. */
  readonly key: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  /** `Bearer …`, without the word. */
  readonly token: string | undefined;
  readonly body: Buffer;
};

const OBJECT = /^(\/upload)?\/storage\/v1\/b\/([^/]+)\/o(?:\/([^/]+))?$/;

const uploadOf = (method: string, query: URLSearchParams, range: string): GcsOperation => {
  const type = query.get("uploadType");
  if (method === "POST") return type === "multipart" ? "put" : type === "resumable" ? "open-session" : "unknown";
  if (method !== "PUT" || !query.has("upload_id")) return "unknown";
  return range.startsWith("bytes */") ? "ask-session" : "put-part";
};

const operationOf = (method: string, path: string, query: URLSearchParams, range: string): GcsOperation => {
  if (method === "POST" && path === "/token") return "token";
  if (path === "/computeMetadata/v1/instance/service-accounts/default/token") return "metadata-token";
  const [whole, upload, , object] = OBJECT.exec(path) ?? [];
  if (whole === undefined) return method === "GET" ? "get" : "unknown";
  if (upload !== undefined) return uploadOf(method, query, range);
  if (object === undefined) return method === "GET" ? "list" : "unknown";
  return method === "GET" ? "stat" : method === "DELETE" ? "delete" : "unknown";
};

/** The XML API has the name's slashes in its path, the JSON API has them encoded. */
const placeOf = (path: string, query: URLSearchParams): readonly [string, string] => {
  const [whole, , bucket = "", object] = OBJECT.exec(path) ?? [];
  if (whole !== undefined) return [decodeURIComponent(bucket), decodeURIComponent(object ?? query.get("name") ?? "")];
  const plain = decodeURIComponent(path.slice(1));
  const slash = plain.indexOf("/");
  return slash < 0 ? [plain, ""] : [plain.slice(0, slash), plain.slice(slash + 1)];
};

/** Reads a request to its end. */
export const readGcsRequest = async (incoming: IncomingMessage): Promise<GcsRequest> => {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const [path = "/", search = ""] = (incoming.url ?? "/").split("?");
  const query = new URLSearchParams(search);
  const headers = Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]));
  const [bucket, key] = placeOf(path, query);
  return {
    operation: operationOf(incoming.method ?? "", path, query, headers["content-range"] ?? ""),
    bucket,
    key,
    query,
    headers,
    token: /^Bearer (.+)$/.exec(headers["authorization"] ?? "")?.[1],
    body: Buffer.concat(chunks),
  };
};
