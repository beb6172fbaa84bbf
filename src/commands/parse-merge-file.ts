import { KgsyncError } from "../core/errors.ts";
import type { MergePolicy } from "../core/merge/merge-types.ts";
import { type OwnOptions, parseFlags } from "./parse-flags.ts";

/** What `kgsync merge-file` is to merge, as paths of files. */
export type MergeFileRequest = {
  readonly base: string;
  readonly ours: string;
  readonly theirs: string;
  /** Where the record of the conflicts goes; written at every merge, also a clean one. */
  readonly report: string | undefined;
  /** Instead of stdout. */
  readonly output: string | undefined;
  /** What the documents are called where they live: git hands temporary names over. */
  readonly path: string | undefined;
  readonly policy: MergePolicy;
  /** Lists with identity keys of their own; see `MergeOptions.identityAt`. */
  readonly identityAt: Readonly<Record<string, readonly string[]>> | undefined;
};

const IDENTITY = "identity"; // the only one that may be given several times
const OPTIONS: OwnOptions = { valued: ["report", "output", "path", "on-conflict", IDENTITY], plain: ["help"] };
const EXAMPLE = "For example: kgsync merge-file base.json ours.json theirs.json --output merged.json";

const usage = (message: string, hint?: string): KgsyncError =>
  new KgsyncError("usage", message, hint === undefined ? {} : { hint });

/** Reads its arguments; options may stand before, between and behind the files. Throws KgsyncError `usage`. */
export const parseMergeFile = (args: readonly string[]): MergeFileRequest | "help" => {
  const { files, own, identities } = split(args);
  if (own.has("help")) return "help";
  const [base, ours, theirs, extra] = files;
  if (base === undefined || ours === undefined || theirs === undefined)
    throw usage(`kgsync merge-file needs three files, and was given ${files.length}.`, EXAMPLE);
  if (extra !== undefined) throw usage(`kgsync merge-file takes three files: ${JSON.stringify(extra)} is one more.`);
  return {
    base,
    ours,
    theirs,
    report: pathIn(own, "report"),
    output: pathIn(own, "output"),
    path: pathIn(own, "path"),
    policy: policyOf(own.get("on-conflict") ?? "newest"),
    identityAt: identities.length === 0 ? undefined : identityOf(identities),
  };
};

const isIdentity = (word: string): boolean => word === `--${IDENTITY}` || word.startsWith(`--${IDENTITY}=`);

type Split = {
  readonly files: readonly string[];
  readonly own: ReadonlyMap<string, string>;
  readonly identities: readonly string[];
};

const split = (args: readonly string[]): Split => {
  const end = args.indexOf("--");
  const files: string[] = [];
  const own = new Map<string, string>();
  const identities: string[] = [];
  for (let left = end === -1 ? args : args.slice(0, end); left.length > 0; ) {
    const next = left.findIndex((word, index) => index > 0 && isIdentity(word)); // each once, for who reads them
    const words = next === -1 ? left : left.slice(0, next);
    const parsed = parseFlags("merge-file", words, OPTIONS);
    const [setting] = Object.keys(parsed.flags);
    if (setting !== undefined) throw usage("kgsync merge-file needs no bucket, and takes no settings.", EXAMPLE);
    for (const [name, value] of parsed.own) {
      if (name === IDENTITY) identities.push(value);
      else if (own.has(name)) throw usage(`--${name} is given twice.`);
      else own.set(name, value);
    }
    files.push(...parsed.rest.slice(0, 1));
    left = [...parsed.rest.slice(1), ...left.slice(words.length)];
  }
  return { files: end === -1 ? files : [...files, ...args.slice(end + 1)], own, identities };
};

/** An empty path is a template with a missing value: a report that is nowhere is no report. */
const pathIn = (own: ReadonlyMap<string, string>, name: string): string | undefined => {
  const path = own.get(name);
  if (path === "") throw usage(`--${name} needs a path.`);
  return path;
};

const policyOf = (word: string): MergePolicy => {
  if (word === "newest" || word === "ours" || word === "theirs") return word;
  throw usage("--on-conflict is one of newest, ours, theirs.");
};

/** `POINTER=key,key`: the last `=` divides, since the name of a member may hold one. No key: elements are never told apart by one. */
const identityOf = (entries: readonly string[]): Readonly<Record<string, readonly string[]>> => {
  const found = new Map<string, readonly string[]>();
  for (const entry of entries) {
    const parts = /^((?:\/(?:[^~/]|~[01])*)*)=((?:[^=,]+(?:,[^=,]+)*)?)$/u.exec(entry);
    const [, pointer, keys] = parts ?? [];
    if (pointer === undefined || keys === undefined)
      throw usage(
        `--identity ${JSON.stringify(entry)} is not POINTER=KEY,KEY.`,
        "For example: --identity /items=sku,from+to",
      );
    if (found.has(pointer)) throw usage(`--identity names the list ${JSON.stringify(pointer)} twice.`);
    found.set(pointer, keys === "" ? [] : keys.split(","));
  }
  return Object.fromEntries(found);
};
