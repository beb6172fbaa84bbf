import type { S3Answer } from "../s3-double/s3-answer.ts";
import type { StoredInGcs } from "./gcs-state.ts";

/** What the double answers, before any fault touches it. */
export type GcsAnswer = S3Answer;

export const jsonAnswer = (value: unknown, status = 200, headers: Record<string, string> = {}): GcsAnswer => ({
  status,
  headers: { "content-type": "application/json; charset=UTF-8", ...headers },
  body: Buffer.from(JSON.stringify(value)),
});

export const emptyAnswer = (status: number, headers: Record<string, string> = {}): GcsAnswer => ({
  status,
  headers,
  body: Buffer.alloc(0),
});

/** An error as the JSON API writes it (docs.cloud.google.com/storage/docs/json_api/v1/status-codes). */
export const jsonError = (status: number, reason: string, message: string, headers = {}): GcsAnswer =>
  jsonAnswer({ error: { code: status, message, errors: [{ message, domain: "global", reason }] } }, status, headers);

/** An error as the XML API writes it. */
export const xmlError = (status: number, code: string): GcsAnswer => ({
  status,
  headers: { "content-type": "application/xml; charset=UTF-8" },
  body: Buffer.from(`<?xml version='1.0' encoding='UTF-8'?><Error><Code>${code}</Code><Message>m</Message></Error>`),
});

/** An object's resource. */
export const resourceOf = (key: string, stored: StoredInGcs, crc32c: string): Record<string, unknown> => ({
  kind: "storage#object",
  name: key,
  generation: stored.generation,
  metageneration: "1",
  size: String(stored.body.length),
  contentType: stored.contentType,
  timeCreated: stored.created.toISOString(),
  updated: stored.created.toISOString(),
  crc32c,
  ...(Object.keys(stored.metadata).length === 0 ? {} : { metadata: stored.metadata }),
});
