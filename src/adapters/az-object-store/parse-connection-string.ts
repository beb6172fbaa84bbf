import { KgsyncError } from "../../core/errors.ts";
import type { AzAccount } from "./az-options.ts";

/** Azurite's and the old emulator's account, which everybody knows (Azurite, "Default storage account"). */
const DEVELOPMENT =
  "AccountName=devstoreaccount1;AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;BlobEndpoint=http://127.0.0.1:10000/devstoreaccount1";

const refuse = (what: string): KgsyncError =>
  new KgsyncError("config-invalid", `AZURE_STORAGE_CONNECTION_STRING ${what}`, {
    hint: "Copy it whole: `az storage account show-connection-string`. Quote it in a shell, for it has semicolons.",
  });

const endpointOf = (fields: ReadonlyMap<string, string>): string => {
  const own = fields.get("blobendpoint");
  const account = fields.get("accountname");
  if (own === undefined && account === undefined) throw refuse("names neither AccountName nor BlobEndpoint");
  const protocol = fields.get("defaultendpointsprotocol") ?? "https";
  const suffix = fields.get("endpointsuffix") ?? "core.windows.net";
  const text = own ?? `${protocol}://${account}.blob.${suffix}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.search !== "" || url.username !== "")
    throw refuse("has an endpoint that is not the URL of a blob service");
  return url.href.replace(/\/+$/, "");
};

/**
 * A connection string (Azure Storage, "Configure Azure Storage connection strings"). Names in any case; a `=` in a value
 * belongs to it. Throws KgsyncError `config-invalid`, which quotes nothing of it.
 */
export const parseConnectionString = (text: string): AzAccount => {
  const fields = new Map(
    text.split(";").flatMap((part): readonly (readonly [string, string])[] => {
      const at = part.indexOf("=");
      return at < 1 ? [] : [[part.slice(0, at).trim().toLowerCase(), part.slice(at + 1).trim()]];
    }),
  );
  if (fields.get("usedevelopmentstorage") === "true") return parseConnectionString(DEVELOPMENT);
  const endpoint = endpointOf(fields);
  const sas = fields.get("sharedaccesssignature");
  if (sas !== undefined) return { endpoint, credential: { kind: "sas", query: sas.replace(/^\?/, "") } };
  const account = fields.get("accountname");
  const key = fields.get("accountkey");
  if (account === undefined || key === undefined) throw refuse("has neither AccountKey nor SharedAccessSignature");
  return { endpoint, credential: { kind: "key", account, key } };
};
