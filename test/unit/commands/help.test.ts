import { describe, expect, it } from "vitest";
import { helpText, isTopic } from "../../../src/commands/help.ts";
import { parseArgv } from "../../../src/commands/parse-argv.ts";
import { SETTINGS } from "../../../src/config/schema.ts";

const TOPICS = [
  "kgsync",
  "run",
  "exec",
  "pull",
  "push",
  "diff",
  "log",
  "restore",
  "conflicts",
  "copy",
  "lease",
  "config",
  "health",
  "doctor",
  "prune",
  "install",
  "merge-file",
  "completion",
  "version",
  "help",
  "settings",
].filter(isTopic);

describe("help", () => {
  it("has a text for every command, fit for a terminal", () => {
    expect(TOPICS).toHaveLength(21);
    for (const topic of TOPICS) {
      const text = helpText(topic);
      expect(text.endsWith("\n")).toBe(true);
      for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(130);
    }
    expect(["toString", "constructor", ""].some(isTopic)).toBe(false);
  });

  it("shows only examples that are understood", () => {
    const lines = TOPICS.flatMap((topic) => helpText(topic).split("\n"));
    const examples = lines.flatMap(
      (line) => /^ {2}(?:KGSYNC_BUCKET=\S+ )?kgsync ([^[\]]+?)(?: {3}.*)?$/.exec(line)?.[1] ?? [],
    );
    expect(examples.length).toBeGreaterThan(12);
    for (const example of examples) expect(() => parseArgv(example.split(" "))).not.toThrow();
  });

  it("lists every setting", () => {
    for (const { env } of SETTINGS) expect(helpText("settings")).toContain(`  ${env} `);
  });
});
