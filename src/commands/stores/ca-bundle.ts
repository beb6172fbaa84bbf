import { readFileSync } from "node:fs";
import type { Environment } from "../../config/read-setting.ts";
import { KgsyncError } from "../../core/errors.ts";

/** The PEM text in the file that the variable `name` leads to; `undefined` where it is not set. Throws `config-invalid`. */
export const caBundle = (env: Environment, name: string): string | undefined => {
  const path = env[name];
  if (path === undefined || path === "") return undefined;
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new KgsyncError("config-invalid", `${name}=${path} cannot be read`, { cause });
  }
};
