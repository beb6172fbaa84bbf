import type { Readable } from "node:stream";
import type { GetObjectCommand, GetObjectCommandOutput, S3Client } from "@aws-sdk/client-s3";
import type { Clock } from "../../ports/clock.ts";
import { unlessAborted } from "../transfer/unless-aborted.ts";
import { isRequest, type SentRequest } from "./sent-request.ts";
import { amzDate, type SigningKey, signV4 } from "./sign-v4.ts";

/** The answer to a repeated GET: status 200, headers in lower case. */
export type RepeatedAnswer = { readonly headers: Readonly<Record<string, string>>; readonly body: Readable };

/**
 * GETs in the likeness of the SDK's own. Its middleware costs several times what signing and sending do, which a start with
 * a hundred small objects would wait for; and endpoint, headers and way of signing are the same for all of them.
 */
export type RepeatGet = {
  /**
   * Sends the like for this key, under the SDK's present credentials, by the SDK's handler; rejects as that does. `undefined`
   * when there is no pattern, or the answer is anything but a 200: the SDK is to ask, by `bySdk`, and its words count.
   * While the SDK makes the first one the others wait until it is sent, not until it is answered.
   */
  readonly again: (fullKey: string, signal: AbortSignal) => Promise<RepeatedAnswer | undefined>;
  /** The same for a GET of the bucket itself, with this query. Also `undefined` when no GET of an object was ever begun. */
  readonly ofBucket: (query: SentRequest["query"], signal: AbortSignal) => Promise<RepeatedAnswer | undefined>;
  /** Lets `send` send the command by the client that it names, and takes the request that is sent for the pattern. */
  readonly bySdk: (
    command: GetObjectCommand,
    fullKey: string,
    send: (by: (client: S3Client) => void) => Promise<GetObjectCommandOutput>,
  ) => Promise<GetObjectCommandOutput>;
  /** From now on every GET is the SDK's. */
  readonly stop: () => void;
};

type Credentials = Awaited<ReturnType<S3Client["config"]["credentials"]>>;

type Pattern = {
  readonly config: S3Client["config"];
  readonly scope: Pick<SigningKey, "region" | "service">;
  /** Names of the headers that are signed, in order. */
  readonly signed: readonly string[];
  readonly request: SentRequest;
  /** What stands in the path before the key. */
  readonly before: string;
};

/** Characters that every encoding of a path leaves alone (RFC 3986 §2.3): any other key is the SDK's to encode. */
const PLAIN = /^[A-Za-z0-9._~/-]+$/;
const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=[^,]*\/\d{8}\/([^/,]+)\/([^/,]+)\/aws4_request, SignedHeaders=([^,]+), Signature=/;
/** Of one request only, or set anew. */
const NOT_REPEATED = new Set(["amz-sdk-invocation-id", "amz-sdk-request", "authorization", "x-amz-security-token"]);
/** Asks for an object's own checksum. */
const OF_OBJECTS = new Set(["x-amz-checksum-mode"]);
/** Signed where they are sent. */
const TOKEN = "x-amz-security-token";
/** S3 Express signs with a session that the SDK renews. */
const SESSION = "x-amz-s3session-token";

const signingKey = ({ accessKeyId, secretAccessKey }: Credentials, scope: Pattern["scope"]): SigningKey => ({
  accessKeyId,
  secretAccessKey,
  ...scope,
});

/** Only of a request whose signature we arrive at too: how it was signed is then known. */
const patternOf = async (
  config: S3Client["config"],
  sent: SentRequest,
  fullKey: string,
): Promise<Pattern | undefined> => {
  const authorization = sent.headers["authorization"] ?? "";
  const [, region, service, list] = AUTHORIZATION.exec(authorization) ?? [];
  if (region === undefined || service === undefined || list === undefined) return undefined;
  if (sent.headers[SESSION] !== undefined || !PLAIN.test(fullKey) || !sent.path.endsWith(`/${fullKey}`))
    return undefined;
  const scope = { region, service };
  const names = list.split(";");
  if (signV4(sent, names, signingKey(await config.credentials(), scope)) !== authorization) return undefined;
  const headers = Object.entries(sent.headers).filter(([name]) => !NOT_REPEATED.has(name));
  return {
    config,
    scope,
    signed: names.filter((name) => !NOT_REPEATED.has(name)),
    request: { ...sent, headers: Object.fromEntries(headers) },
    before: sent.path.slice(0, -fullKey.length),
  };
};

/** For one client. */
export const createRepeatGet = (clock: Clock): RepeatGet => {
  let pattern: Pattern | undefined;
  let first: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined;
  let stopped = false;
  let key: { readonly of: Credentials; readonly scope: Pattern["scope"]; readonly key: SigningKey } | undefined;

  const keyOf = (of: Credentials, scope: Pattern["scope"]): SigningKey => {
    if (key?.of !== of || key.scope !== scope) key = { of, scope, key: signingKey(of, scope) };
    return key.key;
  };

  const sign = async (
    { config, signed, scope }: Pattern,
    like: Pick<SentRequest, "path" | "query">,
    base: SentRequest,
  ) => {
    const credentials = await config.credentials();
    const { sessionToken } = credentials;
    const headers: Record<string, string> = {
      ...base.headers,
      "x-amz-date": amzDate(clock.now().wall + config.systemClockOffset),
      ...(sessionToken === undefined ? {} : { [TOKEN]: sessionToken }),
    };
    const names = signed.filter((name) => name in headers);
    const request = { ...base, ...like, headers };
    const all = sessionToken === undefined ? names : [...names, TOKEN].sort();
    headers["authorization"] = signV4(request, all, keyOf(credentials, scope));
    return request;
  };

  /** A pattern that is known, or is about to be. */
  const awaitPattern = async (signal: AbortSignal): Promise<Pattern | undefined> => {
    if (pattern === undefined && first !== undefined) await unlessAborted(first.promise, signal);
    return pattern;
  };

  const ofBucket: RepeatGet["ofBucket"] = async (query, signal) => {
    const known = stopped ? undefined : await awaitPattern(signal);
    if (known === undefined) return undefined;
    const headers = Object.entries(known.request.headers).filter(([name]) => !OF_OBJECTS.has(name));
    const base = { ...known.request, headers: Object.fromEntries(headers) };
    const signed = await sign(known, { path: known.before, query }, base);
    const { response } = await known.config.requestHandler.handle(signed, { abortSignal: signal });
    if (response.statusCode === 200) return { headers: response.headers, body: response.body };
    response.body.destroy();
    return undefined;
  };

  const again: RepeatGet["again"] = async (fullKey, signal) => {
    if (stopped || !PLAIN.test(fullKey)) return undefined;
    if (pattern === undefined && first === undefined) {
      first = Promise.withResolvers<void>();
      return undefined; // whoever asks now goes on to `bySdk`
    }
    const known = await awaitPattern(signal);
    if (known === undefined) return undefined;
    const { request, before, config } = known;
    const signed = await sign(known, { path: before + fullKey, query: request.query }, request);
    const { response } = await config.requestHandler.handle(signed, { abortSignal: signal });
    if (response.statusCode === 200) return { headers: response.headers, body: response.body };
    response.body.destroy();
    pattern = undefined; // until the SDK's next request
    return undefined;
  };

  const open = (): void => {
    first?.resolve();
    first = undefined;
  };

  const learn = async (config: S3Client["config"] | undefined, sent: unknown, fullKey: string): Promise<void> => {
    if (stopped || config === undefined || !isRequest(sent)) return;
    pattern = await patternOf(config, { ...sent }, fullKey);
    open();
  };

  const bySdk: RepeatGet["bySdk"] = async (command, fullKey, send) => {
    let config: S3Client["config"] | undefined;
    let learning: Promise<void> | undefined;
    command.middlewareStack.add(
      (next) => (args) => {
        learning = learn(config, args.request, fullKey).catch(() => undefined); // no credentials: the SDK says so
        return next(args);
      },
      // the last before the wire: signed, and redirected if need be
      { step: "deserialize", priority: "low", name: "kgsyncRepeatGet" },
    );
    try {
      return await send((client) => {
        config = client.config;
      });
    } finally {
      await learning;
      open();
    }
  };

  return {
    again,
    ofBucket,
    bySdk,
    stop: () => {
      stopped = true;
      pattern = undefined;
    },
  };
};
