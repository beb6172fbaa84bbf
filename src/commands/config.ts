import type { BucketPlace } from "../config/bucket-place.ts";
import type { LoadedConfig } from "../config/load.ts";
import { masked, withoutUserinfo } from "../config/printable.ts";
import type { Environment, Source } from "../config/read-setting.ts";

type Row = { readonly name: string; readonly value: string | undefined; readonly source: string };

const names = (...lines: readonly string[]): ReadonlySet<string> => new Set(lines.flatMap((line) => line.split(" ")));

/** For every kind of bucket. */
const COMMON = names("HTTPS_PROXY HTTP_PROXY NO_PROXY https_proxy http_proxy no_proxy NODE_EXTRA_CA_CERTS");

// Only these are shown with their value: a variable that a cloud adds tomorrow may be a secret.
const SHOWN: ReadonlySet<string> = new Set([
  ...COMMON,
  ...names(
    "AWS_REGION AWS_DEFAULT_REGION AWS_PROFILE AWS_CONFIG_FILE AWS_SHARED_CREDENTIALS_FILE AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_S3 AWS_IGNORE_CONFIGURED_ENDPOINT_URLS AWS_ROLE_ARN AWS_ROLE_SESSION_NAME AWS_CA_BUNDLE",
    "AWS_WEB_IDENTITY_TOKEN_FILE AWS_CONTAINER_CREDENTIALS_FULL_URI AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE AWS_EC2_METADATA_DISABLED AWS_USE_FIPS_ENDPOINT AWS_USE_DUALSTACK_ENDPOINT",
    "AWS_MAX_ATTEMPTS AWS_RETRY_MODE",
    "AZURE_STORAGE_ACCOUNT AZURE_STORAGE_SERVICE_ENDPOINT AZURE_CLIENT_ID AZURE_TENANT_ID AZURE_FEDERATED_TOKEN_FILE",
    "GOOGLE_APPLICATION_CREDENTIALS GOOGLE_CLOUD_QUOTA_PROJECT GCE_METADATA_HOST STORAGE_EMULATOR_HOST CLOUDSDK_CONFIG",
    "CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE",
    "AZURE_AUTHORITY_HOST AZURE_CLIENT_CERTIFICATE_PATH",
  ),
]);

/** How the names begin that are in force; AWS's are shown whatever the bucket is. */
const PREFIXES: Partial<Record<BucketPlace["scheme"], readonly string[]>> = {
  az: ["AWS_", "AZURE_"],
  gs: ["AWS_", "GOOGLE_", "CLOUDSDK_", "GCE_METADATA_", "STORAGE_EMULATOR_"],
  git: ["AWS_", "GIT_", "SSH_A"],
};

const oneLine = (text: string): string => (/[\p{Cc}]/u.test(text) ? JSON.stringify(text) : text);

const sourceText = (source: Source): string => (source.from === "file" ? `file:${source.path}` : source.from);

const settingRows = ({ values }: LoadedConfig): readonly Row[] =>
  values.map(({ setting, shown, source }) => ({ name: setting.env, value: shown, source: sourceText(source) }));

const foreignRows = ({ config }: LoadedConfig, env: Environment): readonly Row[] =>
  Object.keys(env)
    .filter(
      (name) =>
        (PREFIXES[config.bucket.scheme] ?? ["AWS_"]).some((start) => name.startsWith(start)) || COMMON.has(name),
    )
    .sort()
    .flatMap((name) => {
      const value = env[name];
      if (value === undefined || value === "") return [];
      const open = SHOWN.has(name) && !value.includes("?"); // a URL's query may be a signature
      return [{ name, value: open ? withoutUserinfo(value) : masked(value), source: "env" }];
    });

const table = (rows: readonly Row[]): string => {
  const cells = rows.map(({ name, value, source }) => [name, oneLine(value ?? "(not set)"), source] as const);
  const [first, second] = [0, 1].map((column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells
    .map(([name, value, source]) => `${name.padEnd(first ?? 0)}  ${value.padEnd(second ?? 0)}  ${source}\n`)
    .join("");
};

const json = (loaded: LoadedConfig, env: Environment): string => {
  const settings = loaded.values.map(({ setting, shown, source }) => [
    setting.env,
    { value: shown ?? null, source: sourceText(source), secret: setting.secret === true },
  ]);
  const foreign = foreignRows(loaded, env).map(({ name, value }) => [name, { value }]);
  const all = {
    settings: Object.fromEntries(settings),
    environment: Object.fromEntries(foreign),
    warnings: loaded.warnings,
  };
  return `${JSON.stringify(all, null, 2)}\n`;
};

const envFile = ({ values }: LoadedConfig): string =>
  values
    .filter(({ setting, shown }) => setting.secret !== true && shown !== undefined)
    .map(({ setting, shown }) => `${setting.env}=${shown}\n`)
    .join("");

/**
 * The text of `kgsync config`: `table` for people, `json` for programs, `env` as an env file that, with the secrets, makes
 * the same configuration again. No secret's value is in any of them.
 */
export const renderConfig = (loaded: LoadedConfig, env: Environment, format: "table" | "json" | "env"): string => {
  if (format === "json") return json(loaded, env);
  if (format === "env") return envFile(loaded);
  const foreign = foreignRows(loaded, env);
  const warnings = loaded.warnings.map((warning) => `\nWarning: ${warning}`).join("");
  const head = { name: "NAME", value: "VALUE", source: "SOURCE" };
  const parts = [table([head, ...settingRows(loaded)])];
  if (foreign.length > 0) parts.push(`\nOf others, and in force:\n\n${table(foreign)}`);
  if (warnings !== "") parts.push(`${warnings}\n`);
  return parts.join("");
};
