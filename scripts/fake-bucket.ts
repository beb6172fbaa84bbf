// A bucket for the build of the image, which has no network: a server on loopback that answers what kgsync asks of an S3, an
// Azure or a Google storage, in one page, well enough that a whole run on it goes as on a real one. Whoever asks, and by which
// key, is not looked at. Needs nothing but Node.
import { createServer, type IncomingMessage } from "node:http";

type Stored = { readonly body: Buffer; readonly version: string; readonly headers: Readonly<Record<string, string>> };
type Answer = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
};
type Call = {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
};

export type FakeBucket = {
  readonly port: number;
  /** Resolves when the next object is stored whose name ends so. */
  readonly nextPut: (name: string) => Promise<void>;
  /** Past all conditions, as another program would. */
  readonly put: (name: string, text: string) => void;
  readonly close: () => void;
};

/** One body for S3, for Google's XML and for its JSON, and the header in which Azure looks. */
const refusal = (status: number, code: string, json = false): Answer => ({
  status,
  headers: { "x-ms-error-code": code, "content-type": json ? "application/json" : "application/xml" },
  body: json
    ? JSON.stringify({ error: { code: status, message: "No such object", errors: [{ reason: code }] } })
    : `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`,
});

const quoted = (version: string): string => `"${version}"`;
const stamps = ({ version, headers }: Stored): Record<string, string> => ({
  ...headers,
  etag: quoted(version),
  "x-goog-generation": version,
  "last-modified": new Date(0).toUTCString(),
});

/** Why a write may not go on: by HTTP's conditions, or Google's, where 0 is an object that is absent. */
const conditionFails = ({ headers, url }: Call, current: Stored | undefined): boolean => {
  const generation = url.searchParams.get("ifGenerationMatch");
  const wanted = generation === null ? headers["if-match"]?.replaceAll('"', "") : generation;
  if (headers["if-none-match"] === "*" || wanted === "0") return current !== undefined;
  return wanted !== undefined && wanted !== current?.version;
};

const listed = (rows: readonly (readonly [string, Stored])[], { url, headers }: Call): Answer => {
  const xml = (text: string): Answer => ({ status: 200, headers: { "content-type": "application/xml" }, body: text });
  const date = new Date(0);
  if (url.pathname.startsWith("/storage/"))
    return {
      status: 200,
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        items: rows.map(([name, { body, version }]) => ({
          ...{ name, generation: version, size: String(body.length), timeCreated: date.toISOString() },
        })),
      }),
    };
  if (headers["x-ms-version"] !== undefined) {
    const blobs = rows.map(
      ([name, { body, version }]) =>
        `<Blob><Name>${name}</Name><Properties><Last-Modified>${date.toUTCString()}</Last-Modified><Etag>${version}</Etag>` +
        `<Content-Length>${body.length}</Content-Length><BlobType>BlockBlob</BlobType></Properties></Blob>`,
    );
    return xml(`<EnumerationResults><Blobs>${blobs.join("")}</Blobs><NextMarker/></EnumerationResults>`);
  }
  if (url.searchParams.has("uploads"))
    return xml("<ListMultipartUploadsResult><IsTruncated>false</IsTruncated></ListMultipartUploadsResult>");
  const contents = rows.map(
    ([name, { body, version }]) =>
      `<Contents><Key>${name}</Key><LastModified>${date.toISOString()}</LastModified><ETag>&quot;${version}&quot;</ETag>` +
      `<Size>${body.length}</Size><StorageClass>STANDARD</StorageClass></Contents>`,
  );
  return xml(
    `<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">` +
      `<KeyCount>${rows.length}</KeyCount><IsTruncated>false</IsTruncated>${contents.join("")}</ListBucketResult>`,
  );
};

type Written = { readonly name: string; readonly body: Buffer; readonly headers: Readonly<Record<string, string>> };

/** Google's put: the object's resource and its bytes, the two parts of a `multipart/related` (RFC 2387). */
const related = ({ headers, body }: Call): Written => {
  const mark = `--${/boundary="?([^"]+)"?$/.exec(headers["content-type"] ?? "")?.[1]}`;
  const [, head = "", ...rest] = body.toString("latin1").split(`${mark}\r\n`);
  const after = (part: string): string => part.slice(part.indexOf("\r\n\r\n") + 4);
  const { name, metadata = {}, crc32c } = JSON.parse(after(head));
  const kept = Object.entries(metadata).map(([key, value]) => [`x-goog-meta-${key}`, String(value)]);
  const text = after(rest.join(`${mark}\r\n`)).slice(0, -`\r\n${mark}--\r\n`.length);
  return {
    name,
    body: Buffer.from(text, "latin1"),
    headers: { ...Object.fromEntries(kept), "x-goog-hash": `crc32c=${crc32c}` },
  };
};

const plain = ({ headers, body }: Call, name: string): Written => {
  const kept = Object.entries(headers).filter(([header]) => /^x-(?:amz|ms)-meta-/.test(header));
  return { name, body, headers: Object.fromEntries(kept) };
};

const readCall = async (incoming: IncomingMessage): Promise<Call> => {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const headers = Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]));
  const url = new URL(incoming.url ?? "/", "http://bucket");
  return { method: incoming.method ?? "", url, headers, body: Buffer.concat(chunks) };
};

/** The name of the object; "" where the bucket itself is asked. */
const nameIn = ({ url }: Call): string => {
  const [, json] = /^\/storage\/v1\/b\/[^/]+\/o\/?(.*)$/.exec(url.pathname) ?? [];
  return decodeURIComponent(json ?? url.pathname.split("/").slice(2).join("/"));
};

export const startFakeBucket = async (): Promise<FakeBucket> => {
  const objects = new Map<string, Stored>();
  const waiting = new Map<string, () => void>();
  let versions = 0;

  const store = ({ name, body, headers }: Written): Stored => {
    versions += 1;
    const stored = { body, version: String(versions), headers };
    objects.set(name, stored);
    return stored;
  };
  const write = (call: Call, written: Written, status: number): Answer => {
    const { name } = written;
    const json = call.url.pathname.startsWith("/upload/");
    if (conditionFails(call, objects.get(name)))
      return refusal(412, json ? "conditionNotMet" : "PreconditionFailed", json);
    const stored = store(written);
    for (const [end, resolve] of waiting) if (name.endsWith(end) && waiting.delete(end)) resolve();
    return {
      status,
      headers: stamps(stored),
      ...(json ? { body: JSON.stringify({ generation: stored.version }) } : {}),
    };
  };

  const answer = (call: Call): Answer => {
    const { method, url, headers } = call;
    if (method === "POST") return write(call, related(call), 200);
    const name = nameIn(call);
    const json = url.pathname.startsWith("/storage/");
    if (method === "PUT") return write(call, plain(call, name), headers["x-ms-version"] === undefined ? 200 : 201);
    if (method === "DELETE") {
      objects.delete(name);
      return { status: headers["x-ms-version"] === undefined ? 204 : 202 };
    }
    if (name === "") {
      const rows = [...objects].filter(([key]) => key.startsWith(url.searchParams.get("prefix") ?? "")).sort();
      return listed(rows, call);
    }
    const stored = objects.get(name);
    if (stored === undefined)
      return refusal(404, headers["x-ms-version"] === undefined ? "NoSuchKey" : "BlobNotFound", json);
    const { body, version } = stored;
    const resource = { name, generation: version, size: String(body.length) };
    return json ? { status: 200, body: JSON.stringify(resource) } : { status: 200, headers: stamps(stored), body };
  };

  const server = createServer(async (incoming, response) => {
    const { status, headers = {}, body = "" } = answer(await readCall(incoming));
    const sized = status === 204 ? {} : { "content-length": Buffer.byteLength(body) };
    response.writeHead(status, { ...headers, ...sized }).end(incoming.method === "HEAD" ? undefined : body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    nextPut: (name) => new Promise((resolve) => void waiting.set(name, resolve)),
    put: (name, text) => void store({ name, body: Buffer.from(text), headers: {} }),
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
};
