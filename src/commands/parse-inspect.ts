import type { Flags } from "../config/read-setting.ts";
import { KgsyncError } from "../core/errors.ts";
import type { BringBackOptions } from "./bring-back.ts";
import { BRING_BACK, bringBackOptions, type ConflictsRequest, ofDocument, parseConflicts } from "./parse-conflicts.ts";
import { parseWords } from "./parse-words.ts";

/** What the commands that look into a bucket are to do. */
export type InspectRequest = {
  /** The document beside the graph that it is about, by its name; absent: the graph. */
  readonly of?: string;
} & (
  | {
      readonly command: "diff";
      readonly flags: Flags;
      /** Words that name documents; see `findDocument`. */
      readonly from: string;
      readonly to: string;
      readonly json: boolean;
    }
  | { readonly command: "log"; readonly flags: Flags; readonly limit: number; readonly json: boolean }
  /** `document`: a word; see `findDocument`. */
  | ({ readonly command: "restore"; readonly flags: Flags; readonly document: string } & BringBackOptions)
  | ({ readonly command: "conflicts"; readonly flags: Flags } & ConflictsRequest)
);

const COMMANDS = ["diff", "log", "restore", "conflicts"] as const satisfies readonly InspectRequest["command"][];

export const isInspect = (word: string): word is InspectRequest["command"] => COMMANDS.some((name) => name === word);

type Parsed<C extends InspectRequest["command"]> = Extract<InspectRequest, { command: C }> | "help";

const parseDiff = (args: readonly string[]): Parsed<"diff"> => {
  const { flags, own, rest } = parseWords("diff", args, { valued: ["document"], plain: ["help", "json"] }, 2);
  if (own.has("help")) return "help";
  const [from = "local", to = "bucket"] = rest;
  return { command: "diff", flags, from, to, json: own.has("json"), ...ofDocument(own) };
};

/** As many as a person looks at. */
const LIMIT = 20;

const parseLog = (args: readonly string[]): Parsed<"log"> => {
  const { flags, own } = parseWords("log", args, { valued: ["limit", "document"], plain: ["help", "json", "all"] }, 0);
  if (own.has("help")) return "help";
  const limit = own.get("limit");
  if (limit !== undefined && !/^[1-9][0-9]{0,8}$/.test(limit))
    throw new KgsyncError("usage", "--limit needs a whole number from 1, for example: --limit 50");
  if (limit !== undefined && own.has("all")) throw new KgsyncError("usage", "--limit and --all: give one of them.");
  const most = own.has("all") ? Number.POSITIVE_INFINITY : Number(limit ?? LIMIT);
  return { command: "log", flags, limit: most, json: own.has("json"), ...ofDocument(own) };
};

const parseRestore = (args: readonly string[]): Parsed<"restore"> => {
  const { flags, own, rest } = parseWords("restore", args, { valued: ["document"], plain: BRING_BACK }, 1);
  if (own.has("help")) return "help";
  const [document] = rest;
  if (document === undefined || document === "")
    throw new KgsyncError("usage", "kgsync restore needs a version or a backup.", {
      hint: "`kgsync log` lists them. For example: kgsync restore 3f2a --dry-run",
    });
  return { command: "restore", flags, document, ...bringBackOptions(own), ...ofDocument(own) };
};

const parseConflictsOf = (args: readonly string[]): Parsed<"conflicts"> => {
  const request = parseConflicts(args);
  return request === "help" ? "help" : { command: "conflicts", ...request };
};

const PARSERS = { diff: parseDiff, log: parseLog, restore: parseRestore, conflicts: parseConflictsOf } as const;

/** Reads the arguments of a command that looks into a bucket. Throws KgsyncError `usage`. */
export const parseInspect = (command: InspectRequest["command"], args: readonly string[]): InspectRequest | "help" =>
  PARSERS[command](args);
