import { nothingToTidy, type OpenPlace } from "./opened-store.ts";

/** Azure Blob Storage. */
export const openAz: OpenPlace<"az"> = async () => {
  const { createAzObjectStore } = await import("../../adapters/az-object-store/create-az-object-store.ts");
  return { store: createAzObjectStore(), tidy: nothingToTidy };
};
