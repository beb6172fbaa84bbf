import type { ServerResponse } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import type { S3Answer } from "./s3-answer.ts";
import type { S3Fault } from "./s3-faults.ts";

const DRIP_MS = 5;

/** Sends the answer, spoilt by the fault if there is one. */
export const sendAnswer = async (
  response: ServerResponse,
  method: string,
  answer: S3Answer,
  fault: S3Fault | undefined,
): Promise<void> => {
  const { status, headers, body } = answer;
  const bare = method === "HEAD" || status === 204 || status === 304;
  response.writeHead(status, { ...headers, ...(status === 204 ? {} : { "content-length": body.length }) });
  if (bare) {
    response.end();
    return;
  }
  const half = body.subarray(0, Math.floor(body.length / 2));
  if (fault?.kind === "stall-body") {
    response.write(half);
  } else if (fault?.kind === "truncated-body") {
    response.write(half, () => response.destroy());
  } else if (fault?.kind === "drip") {
    for (let at = 0; at < body.length && !response.destroyed; at += 1) {
      response.write(body.subarray(at, at + 1));
      await pause(DRIP_MS);
    }
    response.end();
  } else if (fault?.kind === "spoilt-byte") {
    response.end(Buffer.concat([body.subarray(0, -1), Buffer.from([(body.at(-1) ?? 0) ^ 1])]));
  } else {
    response.end(body);
  }
};
