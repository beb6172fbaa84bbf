import type { Environment } from "./read-setting.ts";

/** AWS's variables that are credentials or lead to some (AWS SDKs and Tools Reference Guide, "Environment variables"). */
const CREDENTIALS: ReadonlySet<string> = new Set([
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
]);

const isOurs = (name: string): boolean => name.startsWith("KGSYNC_") || CREDENTIALS.has(name);

/**
 * The environment of the app, the hooks and the validator. `clean` keeps our settings and the bucket's credentials from it: from
 * the hooks too, as the app may read in /proc what a program of its user was given (ours is closed by the image's modes). No
 * value is changed.
 */
export const childEnv = (env: Environment, mode: "inherit" | "clean"): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) =>
      value === undefined || (mode === "clean" && isOurs(name)) ? [] : [[name, value]],
    ),
  );
