import { describe, expect, it } from "vitest";
import { parseArgv } from "../../../src/commands/parse-argv.ts";

const split = (text: string): readonly string[] => text.split(" ");

const refusal = (text: string): string => {
  try {
    parseArgv(split(text));
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  }
  throw new Error(`accepted: ${text}`);
};

const asked = { dryRun: false, yes: false, bucketOnly: false, json: false };
const restore = { command: "restore", flags: {}, document: "3f2a", ...asked };
const resolve = { command: "conflicts", flags: {}, action: "resolve", name: "4be1", at: undefined, ...asked };

describe("the commands that look into a bucket", () => {
  it.each([
    ["diff", { command: "diff", flags: {}, from: "local", to: "bucket", json: false }],
    ["diff bucket local", { command: "diff", flags: {}, from: "bucket", to: "local", json: false }],
    ["diff 3f2a --json", { command: "diff", flags: {}, from: "3f2a", to: "bucket", json: true }],
    [
      "diff --json a --bucket file:///b c",
      { command: "diff", flags: { bucket: "file:///b" }, from: "a", to: "c", json: true },
    ],
    ["diff -- --a --b", { command: "diff", flags: {}, from: "--a", to: "--b", json: false }],
    ["log", { command: "log", flags: {}, limit: 20, json: false }],
    ["log --limit 3 --json", { command: "log", flags: {}, limit: 3, json: true }],
    ["log --all", { command: "log", flags: {}, limit: Number.POSITIVE_INFINITY, json: false }],
    ["restore 3f2a", restore],
    ["restore --dry-run 3f2a --json", { ...restore, dryRun: true, json: true }],
    ["restore 3f2a --yes --bucket-only", { ...restore, yes: true, bucketOnly: true }],
    ["conflicts", { command: "conflicts", flags: {}, action: "list", all: false, json: false }],
    ["conflicts --all --json", { command: "conflicts", flags: {}, action: "list", all: true, json: true }],
    ["conflicts list", { command: "conflicts", flags: {}, action: "list", all: false, json: false }],
    ["conflicts show 4be1", { command: "conflicts", flags: {}, action: "show", name: "4be1", json: false }],
    ["conflicts resolve 4be1 --ours", { ...resolve, choice: "ours" }],
    ["conflicts resolve --theirs --at /a/b 4be1 --yes", { ...resolve, choice: "theirs", at: "/a/b", yes: true }],
    ["conflicts resolve 4be1 --keep --dry-run", { ...resolve, choice: "keep", dryRun: true }],
    ["diff --help", { command: "help", topic: "diff", exit: 0 }],
    ["restore -h", { command: "help", topic: "restore", exit: 0 }],
    ["restore a b c --help", { command: "help", topic: "restore", exit: 0 }],
    ["conflicts resolve --help", { command: "help", topic: "conflicts", exit: 0 }],
    ["completion zsh", { command: "completion", shell: "zsh" }],
    ["completion -h", { command: "help", topic: "completion", exit: 0 }],
  ])("kgsync %s", (text, invocation) => {
    expect(parseArgv(split(text))).toEqual(invocation);
  });

  it.each([
    ["diff a b c", '"c" is one word too many'],
    ["diff --json a --json", "--json is given twice"],
    ["diff --jsn", "no option --jsn. Did you mean --json?"],
    ["log now", '"now" is one word too many'],
    ["log --limit 0", "--limit needs a whole number"],
    ["log --limit -1", "--limit needs a whole number"],
    ["log --limit 5 --all", "give one of them"],
    ["restore", "needs a version or a backup"],
    ["restore a b", '"b" is one word too many'],
    ["conflicts nothing", 'has no action "nothing": list, show or resolve'],
    ["conflicts list nothing", '"nothing" is one word too many'],
    ["conflicts show", "needs a conflict's name"],
    ["conflicts resolve --ours", "needs a conflict's name"],
    ["conflicts resolve 4be1", "one of --ours, --theirs and --keep"],
    ["conflicts resolve 4be1 --ours --theirs", "one of --ours, --theirs and --keep"],
    ["conflicts resolve 4be1 --keep --at /a", "without --at"],
    ["conflicts show 4be1 --yes", "no option --yes"],
    ["completion", "bash, zsh or fish"],
    ["completion tcsh", "bash, zsh or fish"],
    ["conflict", "kgsync conflicts?"],
  ])("kgsync %s is refused: %s", (text, why) => {
    expect(refusal(text)).toContain(why);
  });
});
