import { ContainerClient } from "@azure/storage-blob";
import { KgsyncError } from "../../core/errors.ts";
import type { ObjectStore } from "../../ports/object-store.ts";

export const createAzObjectStore = (): ObjectStore => {
  const x = new ContainerClient("https://a.blob.core.windows.net/c");
  throw new KgsyncError("config-invalid", x.containerName);
};
