import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { completedCommands, completedWords, completionScript } from "../../../src/commands/completion.ts";
import { parseArgv } from "../../../src/commands/parse-argv.ts";
import { SETTINGS } from "../../../src/config/schema.ts";

const refusal = (args: readonly string[]): string => {
  try {
    parseArgv(args);
    return "";
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  }
};

describe("completion", () => {
  it("offers nothing that the command does not know", () => {
    for (const command of completedCommands()) {
      expect(refusal([command])).not.toMatch(/no command|not in this version/);
      const { actions, options } = completedWords(command);
      const words = command === "version" || command === "help" ? [] : options;
      for (const option of words) {
        const known = [[], ...actions.map((action) => [action])].some(
          (action) => !/no option/.test(refusal([command, ...action, option])),
        );
        expect({ command, option, known }).toEqual({ command, option, known: true });
      }
    }
  });

  it("knows the actions, and the settings where they are options", () => {
    expect(completedWords("lease").actions).toEqual(["show", "release"]);
    expect(completedWords("conflicts").actions).toEqual(["list", "show", "resolve"]);
    expect(completedWords("completion").actions).toEqual(["bash", "zsh", "fish"]);
    expect(completedWords("diff").actions).toEqual([]);
    expect(completedWords("pull").options.length).toBeGreaterThan(SETTINGS.length / 2);
    expect(completedWords("merge-file").options).toEqual(
      expect.arrayContaining(["--output", "--report", "--path", "--on-conflict", "--identity"]),
    );
  });

  it("completes in bash", () => {
    const complete = (...words: readonly string[]): readonly string[] => {
      const script = `${completionScript("bash")}
COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length - 1}; _kgsync; printf '%s\\n' "\${COMPREPLY[@]}"`;
      return execFileSync("bash", ["-c", script], { encoding: "utf8" }).trim().split("\n");
    };
    expect(complete("kgsync", "con")).toEqual(["conflicts", "config"]);
    expect(complete("kgsync", "conflicts", "res")).toEqual(["resolve"]);
    expect(complete("kgsync", "restore", "--dry")).toEqual(["--dry-run"]);
    expect(complete("kgsync", "help", "sett")).toEqual(["settings"]);
    expect(complete("kgsync", "nothing", "--")).toEqual([""]);
  });

  it("has every command for every shell", () => {
    for (const shell of ["bash", "zsh", "fish"] as const)
      for (const command of completedCommands()) expect(completionScript(shell)).toContain(` ${command}`);
  });
});
