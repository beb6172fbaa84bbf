import type { Readable } from "node:stream";
import type { GetObjectCommand, GetObjectCommandOutput, S3Client } from "@aws-sdk/client-s3";
import type { Clock } from "../../ports/clock.ts";
import { unlessAborted } from "../transfer/unless-aborted.ts";
import { isRequest, type SentRequest } from "./sent-request.ts";

/** The answer to a repeated GET: status 200, headers in lower case. */
export type RepeatedAnswer = { readonly headers: Readonly<Record<string, string>>; readonly body: Readable };

/**
 * GETs in the likeness of the SDK's own. Its middleware costs several times what signing and sending do, which a start with
 * a hundred small objects would wait for; and endpoint, headers and way of signing are the same for all of them.
 */
export type RepeatGet = {
  /**
   * Sends the like for this key, signed by the SDK's signer, by the SDK's handler; rejects as that does. `undefined` when there
   * is no pattern, it cannot be signed, or the answer is anything but a 200: the SDK is to ask, by `bySdk`, and its words count.
   * While the first one is under way the others wait for it.
   */
  readonly again: (fullKey: string, signal: AbortSignal) => Promise<RepeatedAnswer | undefined>;
  /** Lets `send` send the command by the client that it names, and takes the request that was answered for the pattern. */
  readonly bySdk: (
    command: GetObjectCommand,
    fullKey: string,
    send: (by: (client: S3Client) => void) => Promise<GetObjectCommandOutput>,
  ) => Promise<GetObjectCommandOutput>;
  /** From now on every GET is the SDK's. */
  readonly stop: () => void;
};

type Pattern = {
  readonly config: S3Client["config"];
  readonly signer: Awaited<ReturnType<S3Client["config"]["signer"]>>;
  readonly signing: { readonly signingRegion: string; readonly signingService: string };
  readonly request: SentRequest;
  /** What stands in the path before the key. */
  readonly before: string;
};

/** Characters that every encoding of a path leaves alone (RFC 3986 §2.3): any other key is the SDK's to encode. */
const PLAIN = /^[A-Za-z0-9._~/-]+$/;
/** Not SigV4A, whose signer is another. */
const SCOPE = /^AWS4-HMAC-SHA256 Credential=[^,]*\/\d{8}\/([^/,]+)\/([^/,]+)\/aws4_request,/;
/** Of one request only, or set anew by the signer. */
const NOT_REPEATED = new Set(["amz-sdk-invocation-id", "amz-sdk-request", "authorization", "x-amz-security-token"]);
/** S3 Express signs with a session that the SDK renews. */
const SESSION = "x-amz-s3session-token";

const patternOf = async (
  config: S3Client["config"],
  sent: SentRequest | undefined,
  fullKey: string,
): Promise<Pattern | undefined> => {
  const [, signingRegion, signingService] = SCOPE.exec(sent?.headers["authorization"] ?? "") ?? [];
  if (sent === undefined || signingRegion === undefined || signingService === undefined) return undefined;
  if (sent.headers[SESSION] !== undefined || !PLAIN.test(fullKey) || !sent.path.endsWith(`/${fullKey}`))
    return undefined;
  const headers = Object.entries(sent.headers).filter(([name]) => !NOT_REPEATED.has(name.toLowerCase()));
  return {
    config,
    signer: await config.signer(),
    signing: { signingRegion, signingService },
    request: { ...sent, headers: Object.fromEntries(headers) },
    before: sent.path.slice(0, -fullKey.length),
  };
};

/** For one client. */
export const createRepeatGet = (clock: Clock): RepeatGet => {
  let pattern: Pattern | undefined;
  let first: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined;
  let stopped = false;

  const again: RepeatGet["again"] = async (fullKey, signal) => {
    if (stopped || !PLAIN.test(fullKey)) return undefined;
    if (pattern === undefined && first === undefined) {
      first = Promise.withResolvers<void>();
      return undefined; // whoever asks now goes on to `bySdk`
    }
    if (pattern === undefined && first !== undefined) await unlessAborted(first.promise, signal);
    if (pattern === undefined) return undefined;
    const { config, signer, signing, request, before } = pattern;
    const signingDate = new Date(clock.now().wall + config.systemClockOffset);
    const like = { ...request, headers: { ...request.headers }, path: before + fullKey };
    const signed = await signer.sign(like, { ...signing, signingDate }).catch(() => undefined);
    if (signed === undefined) return undefined;
    const { response } = await config.requestHandler.handle(signed, { abortSignal: signal });
    if (response.statusCode === 200) return { headers: response.headers, body: response.body };
    response.body.destroy();
    pattern = undefined; // until the SDK's next answer
    return undefined;
  };

  const bySdk: RepeatGet["bySdk"] = async (command, fullKey, send) => {
    let sent: SentRequest | undefined;
    let config: S3Client["config"] | undefined;
    command.middlewareStack.add(
      (next) => (args) => {
        sent = isRequest(args.request) ? { ...args.request } : undefined;
        return next(args);
      },
      // the last before the wire: signed, and redirected if need be
      { step: "deserialize", priority: "low", name: "kgsyncRepeatGet" },
    );
    try {
      const answer = await send((client) => {
        config = client.config;
      });
      if (!stopped && config !== undefined) pattern = await patternOf(config, sent, fullKey);
      return answer;
    } finally {
      first?.resolve();
      first = undefined;
    }
  };

  return {
    again,
    bySdk,
    stop: () => {
      stopped = true;
      pattern = undefined;
    },
  };
};
