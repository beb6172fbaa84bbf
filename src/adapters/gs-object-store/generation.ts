import { type ETag, etag } from "../../core/version.ts";

/**
 * The ETag that the port knows is the object's generation, a number of the server's that no two versions share, also when
 * their bytes are the same (docs.cloud.google.com/storage/docs/metadata#generation-number); `undefined` for anything else.
 */
export const etagOf = (generation: unknown): ETag | undefined =>
  typeof generation === "string" && isGeneration(generation) ? etag(generation) : undefined;

/** 0 is none: as a condition it would say that the object must not exist. */
export const isGeneration = (text: string): boolean => /^[1-9][0-9]{0,18}$/.test(text);
