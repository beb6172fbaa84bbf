import type { Flags } from "../config/read-setting.ts";
import { KgsyncError } from "../core/errors.ts";
import { parseWords } from "./parse-words.ts";

/** What the commands that look into a bucket are to do. */
export type InspectRequest =
  | {
      readonly command: "diff";
      readonly flags: Flags;
      /** Words that name documents; see `findDocument`. */
      readonly from: string;
      readonly to: string;
      readonly json: boolean;
    }
  | { readonly command: "log"; readonly flags: Flags; readonly limit: number; readonly json: boolean };

const COMMANDS = ["diff", "log"] as const satisfies readonly InspectRequest["command"][];

export const isInspect = (word: string): word is InspectRequest["command"] => COMMANDS.some((name) => name === word);

type Parsed<C extends InspectRequest["command"]> = Extract<InspectRequest, { command: C }> | "help";

const parseDiff = (args: readonly string[]): Parsed<"diff"> => {
  const { flags, own, rest } = parseWords("diff", args, { valued: [], plain: ["help", "json"] }, 2);
  if (own.has("help")) return "help";
  const [from = "local", to = "bucket"] = rest;
  return { command: "diff", flags, from, to, json: own.has("json") };
};

/** As many as a person looks at. */
const LIMIT = 20;

const parseLog = (args: readonly string[]): Parsed<"log"> => {
  const { flags, own } = parseWords("log", args, { valued: ["limit"], plain: ["help", "json", "all"] }, 0);
  if (own.has("help")) return "help";
  const limit = own.get("limit");
  if (limit !== undefined && !/^[1-9][0-9]{0,8}$/.test(limit))
    throw new KgsyncError("usage", "--limit needs a whole number from 1, for example: --limit 50");
  if (limit !== undefined && own.has("all")) throw new KgsyncError("usage", "--limit and --all: give one of them.");
  const most = own.has("all") ? Number.POSITIVE_INFINITY : Number(limit ?? LIMIT);
  return { command: "log", flags, limit: most, json: own.has("json") };
};

const PARSERS = { diff: parseDiff, log: parseLog } as const;

/** Reads the arguments of a command that looks into a bucket. Throws KgsyncError `usage`. */
export const parseInspect = (command: InspectRequest["command"], args: readonly string[]): InspectRequest | "help" =>
  PARSERS[command](args);
