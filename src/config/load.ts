import * as z from "zod/mini";
import { KgsyncError } from "../core/errors.ts";
import { masked, printable } from "./printable.ts";
import { type Environment, type Flags, type Given, type ReadText, readSetting, type Source } from "./read-setting.ts";
import { ruleProblems, ruleWarnings } from "./rules.ts";
import { type Config, type ConfigKey, SETTINGS, type Setting } from "./schema.ts";
import { unknownNames } from "./unknown-names.ts";

/** A setting's effective value as people may see it: a secret is masked, `undefined` is "not set". */
export type ShownValue = { readonly setting: Setting; readonly shown: string | undefined; readonly source: Source };

export type LoadedConfig = {
  readonly config: Config;
  readonly sources: Readonly<Record<ConfigKey, Source>>;
  /** In the order of the documentation; safe to print. */
  readonly values: readonly ShownValue[];
  /** Whole sentences, to be said at start; no secrets. */
  readonly warnings: readonly string[];
};

type Read = { readonly setting: Setting; readonly given: Given };

const isSet = (given: Given): boolean => given.kind !== "unset";

const label = (setting: Setting, text: string, source: Source): string => {
  if (setting.secret === true) return `${source.from === "default" ? setting.env : source.name} (${masked(text)})`;
  const name = source.from === "flag" ? source.name : setting.env;
  return text === "" ? name : `${name}=${printable(text)}`;
};

const problemOf = ({ setting, given }: Read, issue: string): string => {
  if (given.kind === "problem") return given.problem;
  if (given.kind === "unset") return `${setting.env} is not set; accepted: ${setting.accepts}`;
  const what = label(setting, given.text, given.source);
  return `${what} ${given.text === "" ? "is empty" : issue}; accepted: ${setting.accepts}`;
};

const check = (read: Read): { readonly value: unknown } | { readonly problem: string } => {
  const { setting, given } = read;
  if (given.kind === "problem") return { problem: given.problem };
  const result = z.safeParse(setting.schema, given.kind === "text" ? given.text : undefined);
  if (result.success) return { value: result.data };
  return { problem: problemOf(read, result.error.issues[0]?.message ?? "is not accepted") };
};

const refuse = (problems: readonly string[]): KgsyncError => {
  const title =
    problems.length === 1 ? "The configuration has a problem" : `The configuration has ${problems.length} problems`;
  return new KgsyncError("config-invalid", `${title}:\n${problems.map((problem) => `  ${problem}`).join("\n")}`);
};

const show = ({ setting, given }: Read): ShownValue => {
  const source: Source = given.kind === "problem" ? { from: "default" } : given.source;
  if (given.kind !== "text") return { setting, shown: undefined, source };
  return { setting, shown: setting.secret === true ? masked(given.text) : given.text, source };
};

/**
 * The effective configuration: flags over environment over defaults. Throws KgsyncError `config-invalid` whose message lists
 * every problem, one a line, before anything has been started or touched; a secret's value is in no message.
 */
export const loadConfig = (env: Environment, flags: Flags, readText: ReadText): LoadedConfig => {
  const reads = SETTINGS.map((setting): Read => ({ setting, given: readSetting(setting, env, flags, readText) }));
  const checked: Partial<Record<ConfigKey, unknown>> = {};
  const problems: string[] = [];
  for (const read of reads) {
    const outcome = check(read);
    if ("problem" in outcome) problems.push(outcome.problem);
    else checked[read.setting.key] = outcome.value;
  }
  const given = new Set(reads.filter((read) => isSet(read.given)).map(({ setting }) => setting.key));
  const isGiven = (key: ConfigKey): boolean => given.has(key);
  problems.push(...ruleProblems(checked as Partial<Config>, isGiven), ...unknownNames(env));
  if (problems.length > 0) throw refuse(problems);

  const config = checked as Config; // every key was parsed by its own field's schema, or we would have thrown
  const values = reads.map(show);
  const sources = Object.fromEntries(values.map(({ setting, source }) => [setting.key, source]));
  return { config, sources: sources as Record<ConfigKey, Source>, values, warnings: ruleWarnings(config, isGiven) };
};
