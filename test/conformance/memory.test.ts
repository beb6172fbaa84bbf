import { createMemoryBucket, createMemoryObjectStore } from "../../src/adapters/memory-object-store.ts";
import { objectStoreConformance } from "./object-store.ts";

objectStoreConformance("memory", async () => {
  const bucket = createMemoryBucket();
  return { open: () => createMemoryObjectStore(bucket) };
});
