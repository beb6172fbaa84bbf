import { hash } from "node:crypto";
import { crc32 } from "node:zlib";
import type { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import type { Clock } from "../../ports/clock.ts";
import { isRequest, type SentRequest } from "./sent-request.ts";
import { amzDate, type SigningKey, signV4 } from "./sign-v4.ts";

/** A put as far as it differs from others: headers in lower case, without those that the body decides on. */
export type PlainPut = {
  readonly fullKey: string;
  readonly body: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
  /** The same put in the SDK's words. */
  readonly command: () => PutObjectCommand;
};

/**
 * PUTs in the likeness of the SDK's own: a folder of small backups costs a fraction of what the SDK's middleware takes for
 * it. Every put is sent once. Only the answer "stored" is read here; any other, and a failure of the network, is handed to the SDK as
 * if its own request had met it, so that an error is the same whoever sent.
 */
export type RepeatPut = (
  client: S3Client,
  put: PlainPut,
  signal: AbortSignal,
) => Promise<{ readonly ETag?: string | undefined }>;

type Config = S3Client["config"];
type Answer = Awaited<ReturnType<Config["requestHandler"]["handle"]>>;
type Credentials = Awaited<ReturnType<Config["credentials"]>>;

type Pattern = {
  readonly config: Config;
  readonly scope: Pick<SigningKey, "region" | "service">;
  readonly request: SentRequest;
  /** Headers that the SDK leaves out of its signature. */
  readonly unsigned: ReadonlySet<string>;
  /** What stands in the path before the key. */
  readonly before: string;
};

/** Characters that every encoding of a path leaves alone (RFC 3986 §2.3): any other key is the SDK's to encode. */
const PLAIN_KEY = /^[A-Za-z0-9._~/-]+$/;
/** A header value that nobody trims or encodes. */
const PLAIN_VALUE = /^[!-~]+$/;
const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=[^,]*\/\d{8}\/([^/,]+)\/([^/,]+)\/aws4_request, SignedHeaders=([^,]+), Signature=/;
const DIGEST = "x-amz-content-sha256";
const CRC32 = "x-amz-checksum-crc32";
const TOKEN = "x-amz-security-token";
const LENGTH = "content-length";
/** S3 Express signs with a session that the SDK renews. */
const SESSION = "x-amz-s3session-token";
/** Of one put only, or set anew. */
const OWN =
  /^(?:amz-sdk-invocation-id|amz-sdk-request|authorization|x-amz-date|x-amz-security-token|content-type|if-match|if-none-match|x-amz-meta-.*)$/;
/** Made from the body in a way that is not ours to copy. */
const OTHER_SUM = /^(?:content-md5|x-amz-checksum-(?!crc32$).*|x-amz-trailer|content-encoding|expect)$/;
const HEX_DIGEST = /^[0-9a-f]{64}$/;

const without = (headers: Readonly<Record<string, string>>, names: RegExp): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !names.test(name)));

const signingKey = ({ accessKeyId, secretAccessKey }: Credentials, scope: Pattern["scope"]): SigningKey => ({
  accessKeyId,
  secretAccessKey,
  ...scope,
});

/** Only of a request whose signature we arrive at too: how it was signed is then known. */
const patternOf = async (config: Config, sent: SentRequest, fullKey: string): Promise<Pattern | undefined> => {
  const { headers, path } = sent;
  const [, region, service, list] = AUTHORIZATION.exec(headers["authorization"] ?? "") ?? [];
  if (region === undefined || service === undefined || list === undefined) return undefined;
  const names = Object.keys(headers);
  if (names.some((name) => name === SESSION || OTHER_SUM.test(name)) || !HEX_DIGEST.test(headers[DIGEST] ?? ""))
    return undefined;
  if (!PLAIN_KEY.test(fullKey) || !path.endsWith(`/${fullKey}`)) return undefined;
  const scope = { region, service };
  const signed = list.split(";");
  const key = signingKey(await config.credentials(), scope);
  if (signV4(sent, signed, key) !== headers["authorization"]) return undefined;
  const unsigned = new Set(names.filter((name) => !signed.includes(name)));
  const before = path.slice(0, -fullKey.length);
  return { config, scope, request: { ...sent, headers: without(headers, OWN) }, unsigned, before };
};

const byCode = (a: string, b: string): number => (a < b ? -1 : 1);

const sumsOf = (pattern: Pattern, body: Uint8Array): Record<string, string> => {
  const sums = { [DIGEST]: hash("sha256", body), [LENGTH]: String(body.byteLength) };
  if (pattern.request.headers[CRC32] === undefined) return sums;
  const crc = Buffer.alloc(4);
  crc.writeUInt32BE(crc32(body));
  return { ...sums, [CRC32]: crc.toString("base64") };
};

/** An S3 that stores answers a put with no body; a 200 with one may hold an error. */
const isStored = ({ response: { statusCode, headers } }: Answer): boolean =>
  statusCode === 200 && headers[LENGTH] === "0";
/** Answers that say nothing of how the request was made. */
const NO_FAULT_OF_THE_PATTERN = new Set([409, 412]);

/** The last before the wire: signed, and redirected if need be. */
const LAST = { step: "deserialize", priority: "low", name: "kgsyncRepeatPut" } as const;

/** For one client. */
export const createRepeatPut = (clock: Clock): RepeatPut => {
  let pattern: Pattern | undefined;
  let key: { readonly of: Credentials; readonly scope: Pattern["scope"]; readonly key: SigningKey } | undefined;

  const keyOf = (of: Credentials, scope: Pattern["scope"]): SigningKey => {
    if (key?.of !== of || key.scope !== scope) key = { of, scope, key: signingKey(of, scope) };
    return key.key;
  };

  const likeFor = async (known: Pattern, { fullKey, body, headers: own }: PlainPut) => {
    const { config, request, unsigned, scope, before } = known;
    const credentials = await config.credentials();
    const headers: Record<string, string> = {
      ...request.headers,
      ...own,
      ...sumsOf(known, body),
      "x-amz-date": amzDate(clock.now().wall + config.systemClockOffset),
      ...(credentials.sessionToken === undefined ? {} : { [TOKEN]: credentials.sessionToken }),
    };
    const names = Object.keys(headers).filter((name) => !unsigned.has(name));
    const like = { ...request, headers, path: before + fullKey, body };
    headers["authorization"] = signV4(like, names.sort(byCode), keyOf(credentials, scope));
    return like;
  };

  /** `answer`: what a request that was sent already came to. */
  const bySdk = async (client: S3Client, put: PlainPut, signal: AbortSignal, answer?: Promise<Answer>) => {
    const command = put.command();
    let learning: Promise<void> | undefined;
    let given = answer;
    command.middlewareStack.add(
      (next) => async (args) => {
        const first = given;
        given = undefined; // a redirected request is sent
        if (first !== undefined) return await first;
        const { request } = args;
        if (isRequest(request))
          learning = patternOf(client.config, { ...request }, put.fullKey).then(
            (found) => {
              pattern = found;
            },
            () => undefined, // no credentials: the SDK says so
          );
        return await next(args);
      },
      LAST,
    );
    try {
      return await client.send(command, { abortSignal: signal });
    } finally {
      await learning;
    }
  };

  return async (client, put, signal) => {
    const known = pattern;
    const plain = PLAIN_KEY.test(put.fullKey) && Object.values(put.headers).every((value) => PLAIN_VALUE.test(value));
    if (known === undefined || known.config !== client.config || !plain) return await bySdk(client, put, signal);
    const like = await likeFor(known, put);
    const answer = known.config.requestHandler.handle(like, { abortSignal: signal });
    const { response } = await answer.catch(() => ({ response: undefined }));
    if (response !== undefined && isStored({ response })) {
      response.body.resume();
      return { ETag: response.headers["etag"] };
    }
    if (response === undefined || !NO_FAULT_OF_THE_PATTERN.has(response.statusCode)) pattern = undefined;
    return await bySdk(client, put, signal, answer);
  };
};
