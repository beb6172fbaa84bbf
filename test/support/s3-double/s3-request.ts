import type { IncomingMessage } from "node:http";

export type S3Operation =
  | "HeadBucket"
  | "CreateBucket"
  | "ListObjectsV2"
  | "ListMultipartUploads"
  | "GetObject"
  | "HeadObject"
  | "PutObject"
  | "DeleteObject"
  | "CreateMultipartUpload"
  | "UploadPart"
  | "CompleteMultipartUpload"
  | "AbortMultipartUpload";

/** One request as the log keeps it. Header names are in lower case. */
export type S3Request = {
  readonly operation: S3Operation | undefined;
  readonly method: string;
  readonly bucket: string;
  readonly key: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly accessKey: string | undefined;
  readonly region: string | undefined;
  readonly body: Buffer;
};

const onBucket = (method: string, query: URLSearchParams): S3Operation | undefined => {
  if (method === "HEAD") return "HeadBucket";
  if (method === "PUT") return "CreateBucket";
  if (method !== "GET") return undefined;
  if (query.has("uploads")) return "ListMultipartUploads";
  return query.get("list-type") === "2" ? "ListObjectsV2" : undefined;
};

const onObject = (method: string, query: URLSearchParams): S3Operation | undefined => {
  const upload = query.has("uploadId");
  if (method === "GET") return "GetObject";
  if (method === "HEAD") return "HeadObject";
  if (method === "PUT") return upload ? "UploadPart" : "PutObject";
  if (method === "DELETE") return upload ? "AbortMultipartUpload" : "DeleteObject";
  if (method !== "POST") return undefined;
  if (query.has("uploads")) return "CreateMultipartUpload";
  return upload ? "CompleteMultipartUpload" : undefined;
};

/** `bucket` in the host name (`bucket.host`) or as the first part of the path. */
const locate = (host: string, path: string, known: ReadonlySet<string>): readonly [string, string] => {
  const inHost = [...known].find((bucket) => host.startsWith(`${bucket}.`));
  const plain = decodeURIComponent(path.slice(1));
  if (inHost !== undefined) return [inHost, plain];
  const slash = plain.indexOf("/");
  return slash < 0 ? [plain, ""] : [plain.slice(0, slash), plain.slice(slash + 1)];
};

/** Reads a request to its end. */
export const readS3Request = async (incoming: IncomingMessage, known: ReadonlySet<string>): Promise<S3Request> => {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const method = incoming.method ?? "";
  const [path = "/", search = ""] = (incoming.url ?? "/").split("?");
  const query = new URLSearchParams(search);
  const headers = Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]));
  const [bucket, key] = locate(headers["host"] ?? "", path, known);
  const scope = /Credential=([^/]+)\/\d+\/([^/]+)\//.exec(headers["authorization"] ?? "");
  return {
    operation: key === "" ? onBucket(method, query) : onObject(method, query),
    method,
    bucket,
    key,
    query,
    headers,
    accessKey: scope?.[1],
    region: scope?.[2],
    body: Buffer.concat(chunks),
  };
};
