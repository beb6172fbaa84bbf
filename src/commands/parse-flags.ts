import type { Flags } from "../config/read-setting.ts";
import { type ConfigKey, SETTINGS } from "../config/schema.ts";
import { KgsyncError } from "../core/errors.ts";
import { nearestName } from "../core/nearest-name.ts";

/** A command's own options, without the dashes: those that take a value, and those that do not. */
export type OwnOptions = { readonly valued: readonly string[]; readonly plain: readonly string[] };

export type ParsedFlags = {
  readonly flags: Flags;
  /** The command's own options that were given; a plain one has the value `""`. */
  readonly own: ReadonlyMap<string, string>;
  /** What follows the options, from the first word that is not one (or after `--`). */
  readonly rest: readonly string[];
};

const BY_FLAG = new Map(SETTINGS.flatMap((setting) => (setting.flag === undefined ? [] : [[setting.flag, setting]])));
const SECRETS = new Map(
  SETTINGS.filter(({ secret }) => secret === true).map((setting) => [
    setting.env.replace("KGSYNC_", "").toLowerCase().replaceAll("_", "-"),
    setting,
  ]),
);

// The value of an unknown option is never repeated: it may be a secret that stands in the wrong place.
const unknown = (command: string, name: string, options: OwnOptions): KgsyncError => {
  const secret = SECRETS.get(name);
  if (secret !== undefined) {
    const message = `--${name}: secrets are not taken from the command line, where every process can read them.`;
    return new KgsyncError("usage", message, { hint: `Set ${secret.env}, or ${secret.env}_FILE to a file's path.` });
  }
  const nearest = nearestName(name, [...options.valued, ...options.plain, "help", ...BY_FLAG.keys()]);
  const guess = nearest === undefined ? "" : ` Did you mean --${nearest}?`;
  const hint =
    name === "dry-run"
      ? "`kgsync sync --dry-run` says what a pull and a push would do."
      : `Run \`kgsync help ${command}\` for its options, \`kgsync help settings\` for all settings.`;
  return new KgsyncError("usage", `kgsync ${command} has no option --${name}.${guess}`, { hint });
};

/**
 * Reads a command's options up to the first word that is not one, so that the options of the program behind it are never
 * taken for ours. Settings always take a value (`--interval 5s` or `--interval=5s`), also the true-or-false ones: a
 * word behind `--watch` would otherwise be a guess. Throws KgsyncError `usage`.
 */
export const parseFlags = (command: string, args: readonly string[], options: OwnOptions): ParsedFlags => {
  const flags: { [Key in ConfigKey]?: string } = {};
  const own = new Map<string, string>();
  let index = 0;

  const takeValue = (name: string, inline: string | undefined): string => {
    if (inline !== undefined) return inline;
    const next = args[index];
    if (next === undefined || next.startsWith("--")) {
      const example = BY_FLAG.get(name)?.example ?? "VALUE";
      throw new KgsyncError("usage", `--${name} needs a value, for example: --${name} ${example}`);
    }
    index += 1;
    return next;
  };

  const once = (seen: boolean, name: string): void => {
    if (seen) throw new KgsyncError("usage", `--${name} is given twice.`);
  };

  const takeOption = (name: string, inline: string | undefined): void => {
    const setting = BY_FLAG.get(name);
    if (options.plain.includes(name)) {
      if (inline !== undefined) throw new KgsyncError("usage", `--${name} takes no value.`);
      once(own.has(name), name);
      own.set(name, "");
    } else if (options.valued.includes(name)) {
      once(own.has(name), name);
      own.set(name, takeValue(name, inline));
    } else if (setting !== undefined) {
      once(flags[setting.key] !== undefined, name);
      flags[setting.key] = takeValue(name, inline);
    } else {
      throw unknown(command, name, options);
    }
  };

  for (let word = args[index]; word?.startsWith("-") && word !== "-"; word = args[index]) {
    index += 1;
    if (word === "--") return { flags, own, rest: args.slice(index) };
    if (word === "-h") own.set("help", "");
    else if (!word.startsWith("--"))
      throw new KgsyncError("usage", `kgsync ${command} has no option ${word.slice(0, 2)}.`);
    else {
      const equals = word.indexOf("=");
      if (equals === -1) takeOption(word.slice(2), undefined);
      else takeOption(word.slice(2, equals), word.slice(equals + 1));
    }
  }
  return { flags, own, rest: args.slice(index) };
};
