import { printable } from "./printable.ts";
import type { Config, Setting } from "./schema.ts";

/** Where a value came from. */
export type Source =
  | { readonly from: "default" }
  | { readonly from: "env"; readonly name: string }
  | { readonly from: "flag"; readonly name: string }
  | { readonly from: "file"; readonly name: string; readonly path: string };

export type Environment = Readonly<Record<string, string | undefined>>;

/** Values from the command line, in the written form. */
export type Flags = { readonly [Key in keyof Config]?: string };

/** Reads a small text file whole; throws when it cannot. */
export type ReadText = (path: string) => string;

/** The written form of a setting, not parsed yet; or why there is none to be had. */
export type Given =
  | { readonly kind: "text"; readonly text: string; readonly source: Source }
  | { readonly kind: "unset"; readonly source: Source }
  | { readonly kind: "problem"; readonly problem: string };

// The error's message is left out: it says the path again, and nobody vouches for what else.
const reason = (thrown: unknown): string =>
  thrown instanceof Error && "code" in thrown && typeof thrown.code === "string" ? thrown.code : "unreadable";

const readSecret = (name: string, path: string, read: ReadText): Given => {
  const where = `${name}=${printable(path)}`;
  if (path === "") return { kind: "problem", problem: `${where} is empty; accepted: the path of a file` };
  try {
    // Editors and `echo` end a file with a newline that is not part of the secret; a second one is.
    const text = read(path).replace(/\r?\n$/, "");
    return { kind: "text", text, source: { from: "file", name, path } };
  } catch (thrown) {
    return { kind: "problem", problem: `${where} cannot be read (${reason(thrown)})` };
  }
};

const fallback = (setting: Setting, env: Environment, flags: Flags): Given => {
  // The kubelet sets this in every pod, also with enableServiceLinks: false.
  const inKubernetes = (env["KUBERNETES_SERVICE_HOST"] ?? "") !== "";
  const inGit = (flags.bucket ?? env["KGSYNC_BUCKET"])?.startsWith("git+") === true;
  const special = (inKubernetes ? setting.kubernetesFallback : undefined) ?? (inGit ? setting.gitFallback : undefined);
  const text = special ?? setting.fallback;
  const source = { from: "default" } as const;
  return text === undefined ? { kind: "unset", source } : { kind: "text", text, source };
};

/** What was given for the setting: the flag, else the variable or (for a secret) its file, else the default. */
export const readSetting = (setting: Setting, env: Environment, flags: Flags, read: ReadText): Given => {
  const flag = flags[setting.key];
  if (flag !== undefined && setting.flag !== undefined) {
    return { kind: "text", text: flag, source: { from: "flag", name: `--${setting.flag}` } };
  }
  const text = env[setting.env];
  const fileName = `${setting.env}_FILE`;
  const file = setting.secret === true ? env[fileName] : undefined;
  if (text !== undefined && file !== undefined) {
    return { kind: "problem", problem: `${setting.env} and ${fileName} are both set; accepted: one of them` };
  }
  if (file !== undefined) return readSecret(fileName, file, read);
  if (text !== undefined) return { kind: "text", text, source: { from: "env", name: setting.env } };
  return fallback(setting, env, flags);
};
