import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseArgv } from "../../../src/commands/parse-argv.ts";
import { SETTINGS } from "../../../src/config/schema.ts";
import { KgsyncError } from "../../../src/core/errors.ts";

const refusal = (...args: readonly string[]): string => {
  try {
    parseArgv(args);
  } catch (thrown) {
    if (!(thrown instanceof KgsyncError)) throw thrown;
    expect([thrown.code, thrown.exit]).toEqual(["usage", 64]);
    return `${thrown.message}\n${thrown.hint}`;
  }
  throw new Error(`accepted: ${args.join(" ")}`);
};

describe("parseArgv", () => {
  it.each([
    ["run -- app", { command: "run", flags: {}, argv: ["app"] }],
    ["run app", { command: "run", flags: {}, argv: ["app"] }],
    ["run app -- --interval 5s", { command: "run", flags: {}, argv: ["app", "--", "--interval", "5s"] }],
    ["run app --help", { command: "run", flags: {}, argv: ["app", "--help"] }],
    ["run -- --help", { command: "run", flags: {}, argv: ["--help"] }],
    ["run -- -- app", { command: "run", flags: {}, argv: ["--", "app"] }],
    ["run - x", { command: "run", flags: {}, argv: ["-", "x"] }],
    ["run --interval 5s app -v", { command: "run", flags: { interval: "5s" }, argv: ["app", "-v"] }],
    ["run --interval=5s -- app", { command: "run", flags: { interval: "5s" }, argv: ["app"] }],
    ["run --backups= -- app", { command: "run", flags: { backups: "" }, argv: ["app"] }],
    ["run --allow-shrink true app", { command: "run", flags: { allowShrink: "true" }, argv: ["app"] }],
    ["run --lease on app", { command: "run", flags: { lease: "on" }, argv: ["app"] }],
    ["exec -- tool -x", { command: "exec", flags: {}, argv: ["tool", "-x"] }],
    ["exec --graph g.json tool {graph}", { command: "exec", flags: { graph: "g.json" }, argv: ["tool", "{graph}"] }],
    ["exec --help", { command: "help", topic: "exec", exit: 0 }],
    ["lease show", { command: "lease", flags: {}, action: "show", json: false, yes: false }],
    ["lease show --json", { command: "lease", flags: {}, action: "show", json: true, yes: false }],
    ["lease release", { command: "lease", flags: {}, action: "release", json: false, yes: false }],
    [
      "lease release --force --bucket file:///b",
      { command: "lease", flags: { bucket: "file:///b" }, action: "release", json: false, yes: true },
    ],
    ["lease --help", { command: "help", topic: "lease", exit: 0 }],
    ["lease release -h", { command: "help", topic: "lease", exit: 0 }],
    ["help lease", { command: "help", topic: "lease", exit: 0 }],
    ["pull", { command: "pull", flags: {} }],
    ["pull --s3-sse-kms-key-id a=b", { command: "pull", flags: { s3SseKmsKeyId: "a=b" } }],
    ["pull --bucket=file:///a=b", { command: "pull", flags: { bucket: "file:///a=b" } }],
    ["push", { command: "push", flags: {}, allowShrink: undefined }],
    ["push --allow-shrink 0123abcd", { command: "push", flags: {}, allowShrink: "0123abcd" }],
    ["push --allow-shrink=true", { command: "push", flags: { allowShrink: "true" }, allowShrink: undefined }],
    ["sync", { command: "sync", flags: {}, json: false, dryRun: false }],
    ["sync --dry-run --json", { command: "sync", flags: {}, json: true, dryRun: true }],
    ["status --json --grace 5s", { command: "status", flags: { grace: "5s" }, json: true }],
    ["watch --interval 5s", { command: "watch", flags: { interval: "5s" } }],
    ["config", { command: "config", flags: {}, format: "table" }],
    ["config --json", { command: "config", flags: {}, format: "json" }],
    ["config --env --grace 5s", { command: "config", flags: { grace: "5s" }, format: "env" }],
    ["health", { command: "health", flags: {} }],
    ["doctor", { command: "doctor", flags: {}, json: false }],
    ["doctor --json --grace 5s", { command: "doctor", flags: { grace: "5s" }, json: true }],
    ["install /x", { command: "install", request: { folder: "/x", json: false, dryRun: false } }],
    ["install --json --dry-run x", { command: "install", request: { folder: "x", json: true, dryRun: true } }],
    ["install --help", { command: "help", topic: "install", exit: 0 }],
    ["prune", { command: "prune", flags: {}, dryRun: false, json: false, keepBackups: undefined }],
    [
      "prune --dry-run --keep-backups 3 --history=5 --json",
      { command: "prune", flags: { history: "5" }, dryRun: true, json: true, keepBackups: 3 },
    ],
    ["version", { command: "version" }],
    ["--version", { command: "version" }],
    ["help", { command: "help", topic: "kgsync", exit: 0 }],
    ["--help", { command: "help", topic: "kgsync", exit: 0 }],
    ["-h", { command: "help", topic: "kgsync", exit: 0 }],
    ["help run", { command: "help", topic: "run", exit: 0 }],
    ["help settings", { command: "help", topic: "settings", exit: 0 }],
    ["run --help", { command: "help", topic: "run", exit: 0 }],
    ["push -h", { command: "help", topic: "push", exit: 0 }],
    ["merge-file b --help", { command: "help", topic: "merge-file", exit: 0 }],
    ["", { command: "help", topic: "kgsync", exit: 64 }],
  ])("kgsync %s", (text, invocation) => {
    expect(parseArgv(text === "" ? [] : text.split(" "))).toEqual(invocation);
  });

  const files = { base: "b", ours: "o", theirs: "t" };
  const unset = { report: undefined, output: undefined, path: undefined, policy: "newest", identityAt: undefined };

  it.each([
    ["b o t", { ...files, ...unset }],
    ["--output x b --report=y o t --path z", { ...files, ...unset, output: "x", report: "y", path: "z" }],
    ["b o t --on-conflict theirs", { ...files, ...unset, policy: "theirs" }],
    [
      "--identity /a=k,x+y b --identity=/b/*/c= o t --identity =id --identity /d~1=e=f",
      { ...files, ...unset, identityAt: { "/a": ["k", "x+y"], "/b/*/c": [], "": ["id"], "/d~1=e": ["f"] } },
    ],
    ["--output x -- b o t", { ...files, ...unset, output: "x" }],
    ["b -- o --output", { ...files, ours: "o", theirs: "--output", ...unset }],
    ["- o t", { ...files, base: "-", ...unset }],
  ])("kgsync merge-file %s", (words, request) => {
    expect(parseArgv(["merge-file", ...words.split(" ")])).toEqual({ command: "merge-file", request });
  });

  it.each([
    ["run", "kgsync run -- /my-app"],
    ["run --", "kgsync run -- /my-app"],
    ["run --interval 5s --", "kgsync run -- /my-app"],
    ["pul", "Did you mean: kgsync pull?"],
    ["Push", "Did you mean: kgsync push?"],
    ["/master-ovasabi", "kgsync run -- /my-app"],
    ["--interval 5s run app", "Options come behind the command"],
    ["help pul", "Did you mean: kgsync pull?"],
    ["run --intervall 5s app", "Did you mean --interval?"],
    ["pull --jsn", "no option --jsn"],
    ["config --jsn", "Did you mean --json?"],
    ["config --json=1", "takes no value"],
    ["config --json --env", "two formats"],
    ["config --json --json", "twice"],
    ["pull --grace 1s --grace 2s", "twice"],
    ["pull --grace", "--grace 45s"],
    ["pull --grace --watch on", "--grace needs a value"],
    ["pull now", 'takes no "now"'],
    ["pull -x", "no option -x"],
    ["push --allow-shrink", "needs a value"],
    ["push --allow-shrink 0123abc", "8 (or more) digits"],
    ["push --allow-shrink 0123ABCD", "8 (or more) digits"],
    ["pull --dry-run", "`kgsync sync --dry-run`"],
    ["run --dry-run x", "has no option --dry-run"],
    ["exec", "kgsync exec -- my-tool"],
    ["exec --", "kgsync exec -- my-tool"],
    ["lease", "needs show or release"],
    ["lease shw", "needs show or release"],
    ["lease --bucket file:///b show", "needs show or release"],
    ["lease --json", "no option --json"],
    ["lease show --force", "no option --force"],
    ["lease release --json", "no option --json"],
    ["lease show now", 'takes no "now"'],
    ["merge-file b o", "three files, and was given 2"],
    ["merge-file b o t x", '"x" is one more'],
    ["merge-file b o t --report", "needs a value"],
    ["merge-file b o t --report=", "--report needs a path"],
    ["merge-file --output x b o t --output y", "--output is given twice"],
    ["merge-file b o t --on-conflict oldest", "newest, ours, theirs"],
    ["merge-file b o t --identity a=k", '"a=k" is not POINTER=KEY,KEY'],
    ["merge-file b o t --identity /a", '"/a" is not POINTER=KEY,KEY'],
    ["merge-file b o t --identity /a=k,", '"/a=k," is not POINTER=KEY,KEY'],
    ["merge-file b o t --identity /a~2=k", '"/a~2=k" is not POINTER=KEY,KEY'],
    ["merge-file b o t --identity /a=k --identity /a=l", 'the list "/a" twice'],
    ["merge-file b o t --bucket file:///b", "takes no settings"],
    ["merge-file b o t --reprt x", "Did you mean --report?"],
    ["merge-fil b o t", "Did you mean: kgsync merge-file?"],
    ["install", "needs one folder"],
    ["install a b", "needs one folder"],
    ["install --bucket file:///b a", "takes no settings"],
    ["prune --keep-backups 0", "needs a number from 1"],
    ["prune --keep-backups 1.5", "needs a number from 1"],
    ["prune x", 'takes no "x"'],
    ["doctor x", 'takes no "x"'],
    ["toString", "no command"],
    ["help toString", "no command"],
  ])("kgsync %s is refused: %s", (text, why) => {
    expect(refusal(...text.split(" "))).toContain(why);
  });

  it("copies from one bucket to another, and takes neither from the settings", () => {
    const [from, to] = ["file:///a", "s3://b/c"];
    const copy = { command: "copy", flags: { bucket: from }, to, dryRun: false, json: false };
    expect(parseArgv(["copy", from, to])).toEqual(copy);
    expect(parseArgv(["copy", "--dry-run", from, to, "--json"])).toEqual({ ...copy, dryRun: true, json: true });
    expect(refusal("copy", from)).toContain("needs two buckets");
    expect(refusal("copy", from, to, from)).toContain("one word too many");
    expect(refusal("copy", "--bucket", from, from, to)).toContain("takes no --bucket");
  });

  it("refuses an empty program, which a template with a missing value leaves", () => {
    expect(refusal("run", "--", "")).toContain("needs the app's command");
  });

  it("takes every setting but secrets as a flag, in both forms", () => {
    for (const { key, flag, example } of SETTINGS) {
      if (flag === undefined) continue;
      const flags = { [key]: example };
      expect(parseArgv(["pull", `--${flag}`, example])).toEqual({ command: "pull", flags });
      expect(parseArgv(["pull", `--${flag}=${example}`])).toEqual({ command: "pull", flags });
    }
  });

  it("repeats no value of an option that it does not know", () => {
    for (const option of ["--s3-secret-access-key", "--s3-session-token", "--s3-access-key-id", "--pasword", "-p"]) {
      expect(refusal("run", `${option}=hunter2`, "app")).not.toContain("hunter2");
      expect(refusal("run", option, "hunter2", "app")).not.toContain("hunter2");
    }
    expect(refusal("run", "--s3-secret-access-key=x", "app")).toContain("KGSYNC_S3_SECRET_ACCESS_KEY_FILE");
  });

  it("hands the app's words on untouched, whatever they are", () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.string({ minLength: 1 }), (args, program) => {
        expect(parseArgv(["run", "--", program, ...args])).toEqual({
          command: "run",
          flags: {},
          argv: [program, ...args],
        });
        if (program.startsWith("-") && program !== "-") return;
        expect(parseArgv(["run", program, ...args])).toEqual({ command: "run", flags: {}, argv: [program, ...args] });
      }),
    );
  });

  it("answers or refuses with 64 whatever it is given", () => {
    const words = fc.constantFrom(
      "run",
      "pull",
      "config",
      "--",
      "-",
      "--json",
      "--grace",
      "5s",
      "--grace=5s",
      "--x=",
      "-h",
      "",
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(words, fc.string())), (args) => {
        try {
          parseArgv(args);
        } catch (thrown) {
          expect(thrown).toMatchObject({ code: "usage" });
        }
      }),
    );
  });
});
