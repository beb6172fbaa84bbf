import { type Finding, ok, warning } from "./finding.ts";
import { type ExposureFacts, judgeExposure } from "./judge-exposure.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** What was seen of the ways to credentials. Never a value. */
export type CredentialFacts = ExposureFacts & {
  readonly env: Env;
  /** KGSYNC_S3_ACCESS_KEY_ID is set, and where it came from: `env`, or the path of its file. */
  readonly own: { readonly from: "env" } | { readonly from: "file"; readonly path: string } | undefined;
  /** Paths of AWS's own files that are there. */
  readonly files: readonly string[];
};

const isSet = (env: Env, name: string): boolean => (env[name] ?? "") !== "";

/** In the order of the SDK's chain (AWS SDK for JavaScript v3, "Default credential provider chain"). */
const sourceOf = ({ env, own, files }: CredentialFacts): string | undefined => {
  if (own !== undefined)
    return own.from === "file" ? `kgsync's own key, from the file ${own.path}` : "kgsync's own key, from KGSYNC_S3_*";
  const profile = env["AWS_PROFILE"];
  const keys = isSet(env, "AWS_ACCESS_KEY_ID") && isSet(env, "AWS_SECRET_ACCESS_KEY");
  // The SDK leaves the environment's key out when a profile is named.
  if (keys && !isSet(env, "AWS_PROFILE"))
    return `the environment: AWS_ACCESS_KEY_ID${isSet(env, "AWS_SESSION_TOKEN") ? " with a session token" : ""}`;
  if (files.length > 0 || profile !== undefined) {
    const found = files.length > 0 ? files.join(", ") : "no file is there";
    return `the profile ${profile ?? "default"} (${found})`;
  }
  return roleOf(env);
};

/** What the platform gives without a key of one's own. */
const roleOf = (env: Env): string | undefined => {
  if (isSet(env, "AWS_WEB_IDENTITY_TOKEN_FILE") && isSet(env, "AWS_ROLE_ARN"))
    return `web identity: the token in ${env["AWS_WEB_IDENTITY_TOKEN_FILE"]} for ${env["AWS_ROLE_ARN"]}`;
  if (isSet(env, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") || isSet(env, "AWS_CONTAINER_CREDENTIALS_FULL_URI"))
    return "the container's credentials endpoint (ECS task role, EKS Pod Identity)";
  return isSet(env, "AWS_EC2_METADATA_DISABLED") && env["AWS_EC2_METADATA_DISABLED"] === "true"
    ? undefined
    : "the instance's metadata service (nothing else is configured)";
};

/** Where the bucket's credentials come from. Whether they are good is for the bucket to say. */
export const judgeCredentials = (facts: CredentialFacts): readonly Finding[] => {
  const check = "credentials";
  const source = sourceOf(facts);
  return [
    source === undefined
      ? warning(
          check,
          "none are configured",
          "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE, or give the container a role.",
        )
      : ok(check, source),
    ...judgeExposure(facts),
  ];
};
