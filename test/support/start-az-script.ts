import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { startHttp } from "./s3-double/start-http.ts";

/** What the server does with one request: an answer, or one of the ways in which there is none. */
export type AzAnswer =
  | { readonly status: number; readonly code?: string; readonly headers?: Readonly<Record<string, string>> }
  /** What is asked for of these bytes, if the request's conditions hold; half of it, and then the end or nothing, as `breaks` says. */
  | { readonly blob: Uint8Array; readonly etag: string; readonly breaks?: "cut" | "silent" }
  /** Reads all of the request and resets the connection. */
  | "reset"
  /** Reads all of the request and says nothing. */
  | "silent"
  /** Says that a body comes, and ends in the middle of it. */
  | "cut";

export type AzRequest = { readonly method: string; readonly url: string; readonly headers: IncomingHttpHeaders };

export type AzScript = {
  readonly port: number;
  /** The variables that lead there. */
  readonly env: Readonly<Record<string, string>>;
  readonly requests: readonly AzRequest[];
  readonly connections: () => number;
  readonly close: () => Promise<void>;
};

/** The key of Azurite's account, or any other. */
const KEY = Buffer.from("a key of thirty-two bytes, or so.").toString("base64");

const refuse = (response: ServerResponse, status: number, code: string): ServerResponse =>
  response.writeHead(status, { "x-ms-error-code": code, "content-length": 0 }).end();

/** Get Blob, as the REST reference has it: an empty blob has no range. */
const sendBlob = (
  { headers }: IncomingMessage,
  response: ServerResponse,
  { blob, etag, breaks }: Extract<AzAnswer, { readonly blob: Uint8Array }>,
): unknown => {
  if (![etag, undefined].includes(headers["if-match"])) return refuse(response, 412, "ConditionNotMet");
  const [asked, first, last] = /^bytes=(\d+)-(\d*)$/.exec(String(headers["x-ms-range"] ?? "")) ?? [];
  const [start, end] = [Number(first ?? 0), Math.min(blob.length, Number(last || blob.length - 1) + 1)];
  if (asked !== undefined && start >= blob.length) return refuse(response, 416, "InvalidRange");
  response.writeHead(asked === undefined ? 200 : 206, {
    etag,
    "content-length": end - start,
    "x-ms-meta-kgsync_write_id": "1",
    ...(asked === undefined ? {} : { "content-range": `bytes ${start}-${end - 1}/${blob.length}` }),
  });
  if (breaks === undefined) return response.end(blob.subarray(start, end));
  return response.write(blob.subarray(start, (start + end) / 2), () => breaks === "cut" && response.destroy());
};

/** An account of Azure that answers what it is told, one answer for each request; a request too many is a 599. */
export const startAzScript = async (...answers: readonly AzAnswer[]): Promise<AzScript> => {
  const left = [...answers];
  const requests: AzRequest[] = [];
  const http = await startHttp((request, response) => {
    const { method = "", url = "", headers } = request;
    requests.push({ method, url, headers });
    const answer = left.shift() ?? { status: 599 };
    request.resume().on("end", () => {
      if (answer === "silent") return;
      if (answer === "reset") return request.socket.resetAndDestroy();
      if (answer === "cut") {
        response.writeHead(200, { etag: '"0x1"', "content-length": "1000" }).write("half of it");
        return response.socket?.end();
      }
      if ("blob" in answer) return sendBlob(request, response, answer);
      const { status, code, headers: more = {} } = answer;
      const named = code === undefined ? {} : { "x-ms-error-code": code };
      response.writeHead(status, {
        "x-ms-version": "2026-10-06",
        "content-type": "application/xml",
        ...named,
        ...more,
      });
      const body = `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>no</Message></Error>`;
      return response.end(status < 300 || method === "HEAD" ? "" : body);
    });
  });
  let taken = 0;
  http.server.on("connection", () => {
    taken += 1;
  });
  return {
    port: http.port,
    env: {
      AZURE_STORAGE_ACCOUNT: "account",
      AZURE_STORAGE_KEY: KEY,
      AZURE_STORAGE_SERVICE_ENDPOINT: `${http.url}/account`,
    },
    requests,
    connections: () => taken,
    close: http.close,
  };
};
