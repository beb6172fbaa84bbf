import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { createS3Faults, type S3Fault, type S3Faults } from "../s3-double/s3-faults.ts";
import { sendAnswer } from "../s3-double/send-answer.ts";
import { answerDelete, answerGet, answerList, answerStat } from "./answer-read.ts";
import { answerOpenSession, answerPart, answerPut } from "./answer-upload.ts";
import { type GcsAnswer, jsonAnswer, jsonError, xmlError } from "./gcs-answer.ts";
import { type GcsOperation, type GcsRequest, readGcsRequest } from "./gcs-request.ts";
import { createGcsState, type GcsSession, type StoredInGcs, storeInGcs } from "./gcs-state.ts";

export type GcsDoubleOptions = {
  readonly bucket?: string;
  /** Rows per listing page. */
  readonly pageSize?: number;
  /** Whether requests need a token that this double has given out, and that has not been revoked. */
  readonly tokens?: boolean;
  /** Whether a 404 of the JSON API says in Google's own words what is absent. */
  readonly prose?: boolean;
  /** Of a session's part at most so many bytes are kept, as Google may do. */
  readonly keep?: number;
  /** Scheme and host in a session's address, when they are not the double's own. */
  readonly sessionHost?: string;
  readonly tls?: { readonly key: string; readonly cert: string };
};

export type GcsDouble = {
  readonly endpoint: string;
  readonly bucket: string;
  /** Every request so far, in the order of arrival. */
  readonly requests: readonly GcsRequest[];
  readonly count: (operation: GcsOperation) => number;
  readonly faults: S3Faults<GcsOperation>;
  readonly objects: ReadonlyMap<string, StoredInGcs>;
  readonly sessions: ReadonlyMap<string, GcsSession>;
  /** Writes past all conditions, as another program would. */
  readonly put: (key: string, body: string | Uint8Array, metadata?: Readonly<Record<string, string>>) => StoredInGcs;
  readonly remove: (key: string) => void;
  /** How many were opened so far. */
  readonly connections: () => number;
  /** Tokens given out so far are refused from now on. */
  readonly revokeTokens: () => void;
  readonly close: () => Promise<void>;
};

/** Starts a Google Cloud Storage in this process, on loopback, with its token server and its metadata server. */
export const startGcsDouble = async (options: GcsDoubleOptions = {}): Promise<GcsDouble> => {
  const { bucket = "bucket", pageSize = 1000, tokens = false, prose = true, keep, tls, sessionHost } = options;
  const state = createGcsState();
  const faults = createS3Faults<GcsOperation>();
  const requests: GcsRequest[] = [];
  const valid = new Set<string>();
  let given = 0;
  let connections = 0;
  let endpoint = "";

  const token = (): GcsAnswer => {
    given += 1;
    valid.add(`token-${given}`);
    const answer = {
      access_token: `token-${given}`,
      issued_token_type: "urn:ietf:params:oauth:token-type:access_token",
    };
    return jsonAnswer({ ...answer, token_type: "Bearer", expires_in: 3600 }, 200, { "metadata-flavor": "Google" });
  };
  const answers: Readonly<Record<GcsOperation, (request: GcsRequest) => GcsAnswer>> = {
    get: (request) => answerGet(state, request),
    stat: (request) => answerStat(state, request, prose),
    list: (request) => answerList(state, request, pageSize),
    delete: (request) => answerDelete(state, request, prose),
    put: (request) => answerPut(state, request),
    "open-session": (request) => answerOpenSession(state, request, sessionHost ?? endpoint),
    "put-part": (request) => answerPart(state, request, keep),
    "ask-session": (request) => answerPart(state, request),
    token,
    "metadata-token": token,
    unknown: () => jsonError(404, "notFound", "Not Found"),
  };
  const answer = (request: GcsRequest): GcsAnswer => {
    const { operation } = request;
    if (operation === "token" || operation === "metadata-token") return token();
    if (tokens && !valid.has(request.token ?? "")) return jsonError(401, "authError", "Invalid Credentials");
    if (request.bucket !== bucket) {
      const message = prose ? "The specified bucket does not exist." : "Not Found";
      return operation === "get" ? xmlError(404, "NoSuchBucket") : jsonError(404, "notFound", message);
    }
    return answers[operation](request);
  };
  const spoilt = (fault: S3Fault | undefined): GcsAnswer | undefined =>
    fault?.kind === "status"
      ? jsonError(fault.status, fault.code ?? "scripted", fault.code ?? "scripted", fault.headers ?? {})
      : undefined;

  const serve = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const request = await readGcsRequest(incoming);
    requests.push(request);
    const fault = faults.take(request.operation, request.key);
    if (fault?.kind === "first") await fault.run();
    if (fault?.kind === "reset-before-commit") return void incoming.socket.resetAndDestroy();
    if (fault?.kind === "stall-headers") return;
    const reply = spoilt(fault) ?? answer(request);
    if (fault?.kind === "commit-then-reset") return void incoming.socket.resetAndDestroy();
    if (fault?.kind === "commit-then-stall") return;
    await sendAnswer(response, incoming.method ?? "", reply, fault);
  };
  const listener = (incoming: IncomingMessage, response: ServerResponse): void => {
    serve(incoming, response).catch(() => response.destroy()); // the client hung up, or sent what is malformed
  };
  const server = tls === undefined ? createServer(listener) : createTlsServer({ ...tls }, listener);
  server.on("connection", () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  endpoint = `${tls === undefined ? "http" : "https"}://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
  return {
    endpoint,
    bucket,
    requests,
    count: (operation) => requests.filter((request) => request.operation === operation).length,
    faults,
    objects: state.objects,
    sessions: state.sessions,
    put: (key, body, metadata) => storeInGcs(state, key, Buffer.from(body), metadata),
    remove: (key) => void state.objects.delete(key),
    connections: () => connections,
    revokeTokens: () => valid.clear(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
