import type { PutMode, PutOptions } from "../../ports/object-store.ts";
import { toAzureMetadata } from "./metadata-names.ts";

const conditionsOf = (mode: PutMode): { readonly ifNoneMatch?: string; readonly ifMatch?: string } => {
  if (mode.mode === "create") return { ifNoneMatch: "*" };
  return mode.mode === "update" ? { ifMatch: mode.etag } : {};
};

/** What goes with the request that makes a blob: its condition, type and metadata. */
export const blobOptions = (mode: PutMode, { contentType, metadata }: PutOptions) => ({
  conditions: conditionsOf(mode),
  blobHTTPHeaders: { blobContentType: contentType },
  metadata: toAzureMetadata(metadata),
});
