import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { answerRequest } from "./answer-request.ts";
import { errorAnswer, type S3Answer, xmlAnswer } from "./s3-answer.ts";
import { createS3Faults, type S3Fault, type S3Faults } from "./s3-faults.ts";
import type { S3Profile } from "./s3-profile.ts";
import { readS3Request, type S3Operation, type S3Request } from "./s3-request.ts";
import { type S3State, type StoredInDouble, store, type UploadInDouble } from "./s3-state.ts";
import { sendAnswer } from "./send-answer.ts";

export type S3DoubleOptions = {
  readonly profile?: S3Profile;
  readonly bucket?: string;
  /** When set, requests signed for another region are refused as S3 does. */
  readonly region?: string;
  /** When set, only requests signed with one of these keys are served. Signatures themselves are not checked. */
  readonly accessKeys?: readonly string[];
  /** Rows per listing page. */
  readonly pageSize?: number;
  readonly tls?: { readonly key: string; readonly cert: string };
};

export type S3Double = {
  readonly endpoint: string;
  readonly bucket: string;
  /** Every request so far, in the order of arrival. */
  readonly requests: readonly S3Request[];
  readonly count: (operation: S3Operation) => number;
  readonly faults: S3Faults;
  readonly objects: ReadonlyMap<string, StoredInDouble>;
  readonly uploads: ReadonlyMap<string, UploadInDouble>;
  /** Writes past all conditions, as another program would. */
  readonly put: (key: string, body: string | Uint8Array, metadata?: Readonly<Record<string, string>>) => StoredInDouble;
  readonly close: () => Promise<void>;
};

/** What a fault answers instead of letting the request be applied. */
const spoilt = (fault: S3Fault | undefined): S3Answer | undefined => {
  if (fault?.kind === "status") return errorAnswer(fault.status, fault.code ?? "Scripted", "", fault.headers ?? {});
  if (fault?.kind === "race-409") return errorAnswer(409, "ConditionalRequestConflict");
  if (fault?.kind === "error-in-200")
    return xmlAnswer("<Error><Code>InternalError</Code><Message>late</Message></Error>");
  return undefined;
};

/** Starts a strict S3 in this process, on loopback. Every connection ends with `close`. */
export const startS3Double = async (options: S3DoubleOptions = {}): Promise<S3Double> => {
  const { profile = "aws", bucket = "bucket", region, accessKeys, pageSize = 1000, tls } = options;
  const rules = { profile, bucket, region, accessKeys, pageSize };
  const state: S3State = { objects: new Map(), uploads: new Map() };
  const faults = createS3Faults();
  const requests: S3Request[] = [];
  const known = new Set([bucket]);

  const serve = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const request = await readS3Request(incoming, known);
    requests.push(request);
    const { operation, key, method } = request;
    const fault = operation === undefined ? undefined : faults.take(operation, key);
    if (fault?.kind === "first") await fault.run();
    if (fault?.kind === "reset-before-commit") return void incoming.socket.resetAndDestroy();
    if (fault?.kind === "stall-headers") return;
    const answer = spoilt(fault) ?? answerRequest(state, request, rules, fault?.kind !== "empty-etag");
    if (fault?.kind === "commit-then-reset") return void incoming.socket.resetAndDestroy();
    if (fault?.kind === "commit-then-stall") return;
    await sendAnswer(response, method, answer, fault);
  };

  const listener = (incoming: IncomingMessage, response: ServerResponse): void => {
    serve(incoming, response).catch(() => response.destroy()); // the client hung up
  };
  const server = tls === undefined ? createServer(listener) : createTlsServer({ ...tls }, listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    endpoint: `${tls === undefined ? "http" : "https"}://127.0.0.1:${port}`,
    bucket,
    requests,
    count: (operation) => requests.filter((request) => request.operation === operation).length,
    faults,
    objects: state.objects,
    uploads: state.uploads,
    put: (key, body, metadata = {}) => store(state, key, Buffer.from(body), { metadata }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
