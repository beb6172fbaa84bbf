import type { Flags } from "../config/read-setting.ts";
import { KgsyncError } from "../core/errors.ts";
import type { Side } from "../core/merge/merge-types.ts";
import type { BringBackOptions } from "./bring-back.ts";
import type { OwnOptions } from "./parse-flags.ts";
import { parseWords } from "./parse-words.ts";

/** What `kgsync conflicts` is to do. */
export type ConflictsRequest =
  | { readonly action: "list"; readonly all: boolean; readonly json: boolean }
  | { readonly action: "show"; readonly name: string; readonly json: boolean }
  | ({
      readonly action: "resolve";
      readonly name: string;
      /** `keep`: the graph as it is. */
      readonly choice: Side | "keep";
      readonly at: string | undefined;
    } & BringBackOptions);

/** How the commands that bring something back are told to. */
export const BRING_BACK = ["help", "json", "dry-run", "yes", "bucket-only"] as const;

export const bringBackOptions = (own: ReadonlyMap<string, string>): BringBackOptions => ({
  dryRun: own.has("dry-run"),
  yes: own.has("yes"),
  bucketOnly: own.has("bucket-only"),
  json: own.has("json"),
});

/** Which document it is about, if that is not the graph. */
export const ofDocument = (own: ReadonlyMap<string, string>): { readonly of?: string } => {
  const of = own.get("document");
  return of === undefined ? {} : { of };
};

const OPTIONS = {
  list: { valued: ["document"], plain: ["help", "json", "all"] },
  show: { valued: ["document"], plain: ["help", "json"] },
  resolve: { valued: ["at", "document"], plain: [...BRING_BACK, "ours", "theirs", "keep"] },
} as const satisfies Record<string, OwnOptions>;

const CHOICES = ["ours", "theirs", "keep"] as const;
const EXAMPLE = "For example: kgsync conflicts resolve 4be1 --ours --dry-run";

/** Reads its arguments: the action first (`list` if there is none), then a name and options. Throws KgsyncError `usage`. */
export const parseConflicts = (
  args: readonly string[],
): ({ readonly flags: Flags; readonly of?: string } & ConflictsRequest) | "help" => {
  const [word = ""] = args;
  const action = word === "show" || word === "resolve" ? word : "list";
  const rest = word === action ? args.slice(1) : args;
  if (action === "list" && word !== "list" && word !== "" && !word.startsWith("-"))
    throw new KgsyncError("usage", `kgsync conflicts has no action ${JSON.stringify(word)}: list, show or resolve.`, {
      hint: `To see one conflict: kgsync conflicts show ${word}`,
    });
  const parsed = parseWords("conflicts", rest, OPTIONS[action], action === "list" ? 0 : 1);
  const { flags, own } = parsed;
  if (own.has("help")) return "help";
  if (action === "list") return { flags, action, all: own.has("all"), json: own.has("json"), ...ofDocument(own) };
  const [name] = parsed.rest;
  if (name === undefined || name === "")
    throw new KgsyncError("usage", `kgsync conflicts ${action} needs a conflict's name.`, {
      hint: "`kgsync conflicts list` has them; the first digits are enough.",
    });
  if (action === "show") return { flags, action, name, json: own.has("json"), ...ofDocument(own) };
  const [choice, another] = CHOICES.filter((one) => own.has(one));
  if (choice === undefined || another !== undefined)
    throw new KgsyncError("usage", "kgsync conflicts resolve needs one of --ours, --theirs and --keep.", {
      hint: EXAMPLE,
    });
  const at = own.get("at");
  if (at !== undefined && choice === "keep")
    throw new KgsyncError("usage", "--keep settles the whole conflict: it goes without --at.", { hint: EXAMPLE });
  return { flags, action, name, choice, at, ...bringBackOptions(own), ...ofDocument(own) };
};
