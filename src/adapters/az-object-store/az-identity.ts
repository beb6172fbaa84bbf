import {
  EnvironmentCredential,
  ManagedIdentityCredential,
  type TokenCredential,
  WorkloadIdentityCredential,
} from "@azure/identity";
import { setLogLevel } from "@azure/logger";
import { KgsyncError } from "../../core/errors.ts";
import { unlessAborted } from "../transfer/unless-aborted.ts";
import { azFailure } from "./az-failure.ts";
import { type AzNames, isTransient } from "./to-az-error.ts";

/** Named rather than tried one after the other: the SDK's chain would also start the programs of developers. */
const choose = (): TokenCredential => {
  const { env } = process;
  const isSet = (name: string): boolean => (env[name] ?? "") !== "";
  if (isSet("AZURE_FEDERATED_TOKEN_FILE")) return new WorkloadIdentityCredential();
  if (isSet("AZURE_CLIENT_SECRET") || isSet("AZURE_CLIENT_CERTIFICATE_PATH")) return new EnvironmentCredential();
  const clientId = env["AZURE_CLIENT_ID"];
  return clientId === undefined || clientId === ""
    ? new ManagedIdentityCredential()
    : new ManagedIdentityCredential({ clientId });
};

const NETWORK = /^(ECONN|ENOTFOUND|EAI_|ETIMEDOUT|EHOST|ENET|EPIPE|REQUEST_SEND_ERROR|AbortError)/;

const toTokenError = (thrown: unknown, { container, server }: AzNames): KgsyncError => {
  const failure = azFailure(thrown);
  const where = `container "${container}" at ${server}`;
  if (failure.status === undefined ? NETWORK.test(failure.code) : isTransient(failure))
    return new KgsyncError("bucket-unavailable", `${where}: no token yet: ${failure.status ?? failure.code}`);
  return new KgsyncError("bucket-denied", `${where}: no usable credentials were found`, {
    // The first line says which way was tried, and why not. What follows are the requests.
    cause: new Error(thrown instanceof Error ? thrown.message.split("\n")[0] : ""),
    hint: "Set AZURE_STORAGE_KEY, AZURE_STORAGE_SAS_TOKEN or a connection string, or give the container a workload or managed identity.",
  });
};

/**
 * The tokens of an identity, by the variables that the Azure SDKs read. Rejects with KgsyncError: what the identity's
 * service answers must not be taken for an answer of the container.
 */
export const createAzIdentity = (names: AzNames): TokenCredential => {
  setLogLevel(); // as for the container's client, from which this has another copy of the logger
  let credential: TokenCredential | undefined;
  return {
    getToken: async (scopes, options) => {
      try {
        credential ??= choose();
        const token = credential.getToken(scopes, options);
        const signal = options?.abortSignal; // not every way to a token looks at it
        return await (signal instanceof AbortSignal ? unlessAborted(token, signal) : token);
      } catch (thrown) {
        throw toTokenError(thrown, names);
      }
    },
  };
};
