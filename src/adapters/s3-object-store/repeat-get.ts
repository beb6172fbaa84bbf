import type { Readable } from "node:stream";
import type { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import type { Clock } from "../../ports/clock.ts";
import { isRequest, type SentRequest } from "./sent-request.ts";

/** The answer to a repeated GET: status 200, headers in lower case. */
export type RepeatedAnswer = { readonly headers: Readonly<Record<string, string>>; readonly body: Readable };

/**
 * GETs after the SDK's own, in its likeness. The SDK's middleware costs five times what signing and sending do, which a
 * hundred small objects make the start wait for; endpoint, headers and way of signing are the same for all of them.
 */
export type RepeatGet = {
  /** Looks on while the SDK sends the command; `learn`, called when it was answered, makes it the pattern. */
  readonly watch: (command: GetObjectCommand, fullKey: string) => { readonly learn: () => void };
  /**
   * Sends the like for another key, signed by the SDK's signer, through the SDK's handler: rejects as that does. `undefined`
   * when there is no pattern, or the answer is anything but a 200: then the SDK is to ask, and to say what it means.
   */
  readonly send: (client: S3Client, fullKey: string, signal: AbortSignal) => Promise<RepeatedAnswer | undefined>;
  /** Until the SDK's next GET there is no pattern; `forEver`: nor after it. */
  readonly forget: (forEver?: "forEver") => void;
};

type Pattern = {
  readonly request: SentRequest;
  /** What stands in the path before the key. */
  readonly before: string;
  readonly region: string;
  readonly service: string;
};

/** Characters that every encoding of a path leaves alone (RFC 3986 §2.3): any other key is the SDK's to encode. */
const PLAIN = /^[A-Za-z0-9._~/-]+$/;
/** Not SigV4A, whose signer is another. */
const SCOPE = /^AWS4-HMAC-SHA256 Credential=[^,]*\/\d{8}\/([^/,]+)\/([^/,]+)\/aws4_request,/;
/** Of one request only, or set anew by the signer. */
const NOT_REPEATED = new Set(["amz-sdk-invocation-id", "amz-sdk-request", "authorization", "x-amz-security-token"]);
/** S3 Express signs with a session that the SDK renews. */
const SESSION = "x-amz-s3session-token";

const patternOf = (sent: SentRequest, fullKey: string): Pattern | undefined => {
  const [, region, service] = SCOPE.exec(sent.headers["authorization"] ?? "") ?? [];
  if (region === undefined || service === undefined || sent.headers[SESSION] !== undefined) return undefined;
  if (sent.method !== "GET" || !PLAIN.test(fullKey) || !sent.path.endsWith(`/${fullKey}`)) return undefined;
  const headers = Object.entries(sent.headers).filter(([name]) => !NOT_REPEATED.has(name.toLowerCase()));
  return {
    request: { ...sent, headers: Object.fromEntries(headers) },
    before: sent.path.slice(0, -fullKey.length),
    region,
    service,
  };
};

/** For one client. */
export const createRepeatGet = (clock: Clock): RepeatGet => {
  let pattern: Pattern | undefined;
  let off = false;
  let signer: ReturnType<S3Client["config"]["signer"]> | undefined;

  const forget = (forEver?: "forEver"): void => {
    pattern = undefined;
    off ||= forEver !== undefined;
  };

  return {
    watch: (command, fullKey) => {
      let sent: SentRequest | undefined;
      command.middlewareStack.add(
        (next) => (args) => {
          sent = isRequest(args.request) ? { ...args.request } : undefined;
          return next(args);
        },
        { step: "deserialize", priority: "low", name: "kgsyncRepeatGet" }, // the last before the wire: signed, redirected
      );
      return { learn: () => (pattern = sent === undefined || off ? undefined : patternOf(sent, fullKey)) };
    },
    send: async ({ config }, fullKey, signal) => {
      if (pattern === undefined || !PLAIN.test(fullKey)) return undefined;
      const { request, before, region, service } = pattern;
      signer ??= config.signer();
      const signed = await (await signer).sign(
        { ...request, headers: { ...request.headers }, path: before + fullKey },
        {
          signingDate: new Date(clock.now().wall + config.systemClockOffset),
          signingRegion: region,
          signingService: service,
        },
      );
      const { response } = await config.requestHandler.handle(signed, { abortSignal: signal });
      if (response.statusCode === 200) return { headers: response.headers, body: response.body };
      response.body.destroy();
      forget();
      return undefined;
    },
    forget,
  };
};
