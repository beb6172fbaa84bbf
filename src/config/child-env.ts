import { credentialNames } from "./credential-names.ts";
import type { Environment } from "./read-setting.ts";
import type { Config } from "./schema.ts";

/**
 * The environment of the app, the hooks and the validator. `clean` keeps our settings and the bucket's credentials from it: from
 * the hooks too, as the app may read in /proc what a program of its user was given (ours is closed by the image's modes). No
 * value is changed.
 */
export const childEnv = (
  env: Environment,
  { childEnv: mode, bucket }: Pick<Config, "childEnv" | "bucket">,
): Readonly<Record<string, string>> => {
  const credentials = credentialNames(bucket.scheme);
  const isOurs = (name: string): boolean => name.startsWith("KGSYNC_") || credentials.has(name);
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) =>
      value === undefined || (mode === "clean" && isOurs(name)) ? [] : [[name, value]],
    ),
  );
};
