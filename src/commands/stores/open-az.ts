import { nothingToTidy, type OpenPlace } from "./opened-store.ts";

/** Azure Blob Storage. What was staged and never committed, Azure drops by itself. */
export const openAz: OpenPlace<"az"> = async ({ container, prefix }, { env, clock, random }, config) => {
  const { createAzObjectStore } = await import("../../adapters/az-object-store/create-az-object-store.ts");
  const { requestTimeout: requestTimeoutMs, connectTimeout: connectTimeoutMs } = config;
  const options = { container, prefix, requestTimeoutMs, connectTimeoutMs, proxyEnv: env, clock, random };
  return { store: createAzObjectStore(options, env), tidy: nothingToTidy };
};
