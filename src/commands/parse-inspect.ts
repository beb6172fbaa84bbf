import type { Flags } from "../config/read-setting.ts";
import type { OwnOptions } from "./parse-flags.ts";
import { parseWords } from "./parse-words.ts";

/** What the commands that look into a bucket are to do. */
export type InspectRequest = {
  readonly command: "diff";
  readonly flags: Flags;
  /** Words that name documents; see `findDocument`. */
  readonly from: string;
  readonly to: string;
  readonly json: boolean;
};

const COMMANDS = ["diff"] as const satisfies readonly InspectRequest["command"][];

export const isInspect = (word: string): word is InspectRequest["command"] => COMMANDS.some((name) => name === word);

const JSON_ONLY: OwnOptions = { valued: [], plain: ["help", "json"] };

/** Reads the arguments of a command that looks into a bucket. Throws KgsyncError `usage`. */
export const parseInspect = (command: InspectRequest["command"], args: readonly string[]): InspectRequest | "help" => {
  const { flags, own, rest } = parseWords(command, args, JSON_ONLY, 2);
  if (own.has("help")) return "help";
  const [from = "local", to = "bucket"] = rest;
  return { command, flags, from, to, json: own.has("json") };
};
