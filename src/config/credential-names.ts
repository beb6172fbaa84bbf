import type { BucketPlace } from "./bucket-place.ts";

/** AWS SDKs and Tools Reference Guide, "Environment variables". */
const AWS = [
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "AWS_SECURITY_TOKEN",
  "AWS_PROFILE",
  "AWS_DEFAULT_PROFILE",
  "AWS_CONFIG_FILE",
  "AWS_SHARED_CREDENTIALS_FILE",
  "AWS_ROLE_ARN",
  "AWS_ROLE_SESSION_NAME",
  "AWS_WEB_IDENTITY_TOKEN_FILE",
  "AWS_CONTAINER_CREDENTIALS_FULL_URI",
  "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
  "AWS_CONTAINER_AUTHORIZATION_TOKEN",
  "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
];

/** Azure CLI, "Storage environment variables"; @azure/identity, "Environment variables"; the endpoints of managed identity. */
const AZURE = [
  "AZURE_STORAGE_CONNECTION_STRING",
  "AZURE_STORAGE_KEY",
  "AZURE_STORAGE_SAS_TOKEN",
  "AZURE_TENANT_ID",
  "AZURE_CLIENT_ID",
  "AZURE_CLIENT_SECRET",
  "AZURE_CLIENT_CERTIFICATE_PATH",
  "AZURE_CLIENT_CERTIFICATE_PASSWORD",
  "AZURE_FEDERATED_TOKEN_FILE",
  "IDENTITY_ENDPOINT",
  "IDENTITY_HEADER",
  "MSI_ENDPOINT",
  "MSI_SECRET",
];

/** Application Default Credentials: a file, or where gcloud's lies. */
const GOOGLE = ["GOOGLE_APPLICATION_CREDENTIALS", "CLOUDSDK_CONFIG"];

/** git(1), "Environment variables"; git-config(1), "ENVIRONMENT"; ssh-agent(1). */
const GIT = [
  "GIT_ASKPASS",
  "SSH_ASKPASS",
  "SSH_AUTH_SOCK",
  "GIT_SSH",
  "GIT_SSH_COMMAND",
  "GIT_CONFIG_PARAMETERS",
  "GIT_CONFIG_COUNT",
];

const BY_SCHEME: Partial<Record<BucketPlace["scheme"], readonly string[]>> = { az: AZURE, gs: GOOGLE, git: GIT };

/**
 * The variables that are credentials of the bucket, or lead to some. AWS's are among them whatever the bucket is; another
 * cloud's only where the bucket is there, for the app may use that cloud for something else.
 */
export const credentialNames = (scheme: BucketPlace["scheme"]): ReadonlySet<string> =>
  new Set([...AWS, ...(BY_SCHEME[scheme] ?? [])]);
