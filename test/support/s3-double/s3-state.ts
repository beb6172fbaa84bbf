import { createHash } from "node:crypto";

export type StoredInDouble = {
  readonly body: Buffer;
  /** Quoted. */
  readonly etag: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly contentType: string;
  readonly modified: Date;
};

export type UploadInDouble = {
  readonly id: string;
  readonly key: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly contentType: string;
  readonly parts: Map<number, { readonly body: Buffer; readonly etag: string }>;
  initiated: Date;
};

export type S3State = {
  readonly objects: Map<string, StoredInDouble>;
  readonly uploads: Map<string, UploadInDouble>;
};

const md5 = (bytes: Uint8Array): Buffer => createHash("md5").update(bytes).digest();

export const etagOf = (body: Uint8Array): string => `"${md5(body).toString("hex")}"`;

/** The ETag of an object made of parts: the digest of the parts' digests, and their number. */
export const etagOfParts = (parts: readonly Uint8Array[]): string =>
  `"${md5(Buffer.concat(parts.map(md5))).toString("hex")}-${parts.length}"`;

/** Puts an object behind the server's back. */
export const store = (
  state: S3State,
  key: string,
  body: Buffer,
  more: {
    readonly etag?: string;
    readonly metadata?: Readonly<Record<string, string>>;
    readonly contentType?: string;
  } = {},
): StoredInDouble => {
  const { etag = etagOf(body), metadata = {}, contentType = "binary/octet-stream" } = more;
  const stored = { body, etag, metadata, contentType, modified: new Date() };
  state.objects.set(key, stored);
  return stored;
};
