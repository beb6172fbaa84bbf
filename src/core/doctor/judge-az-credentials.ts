import { type Finding, ok, problem } from "./finding.ts";
import { type ExposureFacts, judgeExposure } from "./judge-exposure.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** What was seen of the ways to credentials for Azure Blob Storage. Never a value. */
export type AzCredentialFacts = ExposureFacts & { readonly env: Env };

/** In the order in which they are taken; `undefined`: the account is not named. */
const sourceOf = (env: Env): string | undefined => {
  const isSet = (name: string): boolean => (env[name] ?? "") !== "";
  if (isSet("AZURE_STORAGE_CONNECTION_STRING")) return "the connection string in AZURE_STORAGE_CONNECTION_STRING";
  if (!isSet("AZURE_STORAGE_ACCOUNT") && !isSet("AZURE_STORAGE_SERVICE_ENDPOINT")) return undefined;
  if (isSet("AZURE_STORAGE_KEY")) return "the account's key in AZURE_STORAGE_KEY";
  if (isSet("AZURE_STORAGE_SAS_TOKEN")) return "the SAS in AZURE_STORAGE_SAS_TOKEN";
  const app = env["AZURE_CLIENT_ID"];
  if (isSet("AZURE_FEDERATED_TOKEN_FILE") && isSet("AZURE_TENANT_ID") && isSet("AZURE_CLIENT_ID"))
    return `workload identity: the token in ${env["AZURE_FEDERATED_TOKEN_FILE"]} for ${app}`;
  if (isSet("AZURE_CLIENT_SECRET") && isSet("AZURE_TENANT_ID") && isSet("AZURE_CLIENT_ID"))
    return `the application ${app} with AZURE_CLIENT_SECRET`;
  return `the managed identity ${app === undefined || app === "" ? "of this machine or pod" : app} (nothing else is configured)`;
};

/** Where the credentials come from. Whether they are good is for the container to say. */
export const judgeAzCredentials = (facts: AzCredentialFacts): readonly Finding[] => {
  const source = sourceOf(facts.env);
  const advice = "Set AZURE_STORAGE_ACCOUNT to its name, or AZURE_STORAGE_CONNECTION_STRING.";
  return [
    source === undefined
      ? problem("credentials", "config-invalid", "no storage account is named", advice)
      : ok("credentials", source),
    ...judgeExposure(facts),
  ];
};
