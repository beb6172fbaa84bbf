import type { Metadata } from "../../ports/object-store.ts";

/**
 * Azure's names must be C# identifiers (REST, "Naming and Referencing Containers, Blobs, and Metadata"): `_` stands for the
 * `-` of ours, which have none.
 */
export const toAzureMetadata = (metadata: Metadata): Record<string, string> =>
  Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name.replaceAll("-", "_"), value]));

/** The other way round. HTTP headers have no case, so neither have the names. */
export const fromAzureMetadata = (metadata: Metadata | undefined): Metadata =>
  Object.fromEntries(
    Object.entries(metadata ?? {}).map(([name, value]) => [name.toLowerCase().replaceAll("_", "-"), value]),
  );
