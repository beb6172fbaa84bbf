import { KgsyncError } from "../../core/errors.ts";
import type { AzAccount } from "./az-options.ts";
import { parseConnectionString } from "./parse-connection-string.ts";

type Env = Readonly<Record<string, string | undefined>>;

const refuse = (message: string, hint: string): KgsyncError => new KgsyncError("config-invalid", message, { hint });

const ENDPOINT = "AZURE_STORAGE_SERVICE_ENDPOINT";

/** An endpoint of one's own (Azurite, another cloud, a private link), checked. It may not carry a SAS: it is shown. */
const ownEndpoint = (text: string): string => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const plain = url?.username === "" && url.password === "" && url.search === "" && url.hash === "";
  if (url === undefined || !plain || !/^https?:$/.test(url.protocol))
    throw refuse(
      `${ENDPOINT} is not the URL of a blob service`,
      "It is as https://account.blob.core.windows.net alone.",
    );
  return url.href.replace(/\/+$/, "");
};

/**
 * The account, from the variables that the Azure CLI and the SDKs read: a connection string, or the account's name (or its
 * endpoint) with a key, with a SAS, or with neither, which means an identity. Throws KgsyncError `config-invalid`.
 */
export const readAccount = (env: Env): AzAccount => {
  const read = (name: string): string | undefined => env[name]?.trim() || undefined;
  const text = read("AZURE_STORAGE_CONNECTION_STRING");
  if (text !== undefined) return parseConnectionString(text);
  const account = read("AZURE_STORAGE_ACCOUNT");
  const own = read(ENDPOINT);
  if (account === undefined && own === undefined)
    throw refuse(
      "no storage account is named for az://",
      "Set AZURE_STORAGE_ACCOUNT to its name, or AZURE_STORAGE_CONNECTION_STRING.",
    );
  if (account !== undefined && !/^[a-z0-9]{3,24}$/.test(account))
    throw refuse("AZURE_STORAGE_ACCOUNT is not the name of a storage account", "It is 3 to 24 of a-z and 0-9.");
  const endpoint = own === undefined ? `https://${account}.blob.core.windows.net` : ownEndpoint(own);
  const key = read("AZURE_STORAGE_KEY");
  if (key !== undefined) {
    if (account === undefined)
      throw refuse("AZURE_STORAGE_KEY is set without AZURE_STORAGE_ACCOUNT", "Name the account that the key is of.");
    return { endpoint, credential: { kind: "key", account, key } };
  }
  const sas = read("AZURE_STORAGE_SAS_TOKEN");
  if (sas !== undefined) return { endpoint, credential: { kind: "sas", query: sas.replace(/^\?/, "") } };
  if (!endpoint.startsWith("https:"))
    throw refuse("an identity's token goes over https only", `Set ${ENDPOINT} to an https URL, or a key or a SAS.`);
  return { endpoint, credential: { kind: "identity" } };
};
