import { describe, expect, it } from "vitest";
import { parseArgv } from "../../../src/commands/parse-argv.ts";
import { loadConfig } from "../../../src/config/load.ts";
import { argumentsIn, commandsIn } from "./command-lines.ts";
import { filesBelow, textOf } from "./documents.ts";

const PAGES = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", ...filesBelow("docs", ".md")];

/** What has to follow where prose names a command alone. */
const BEHIND: Readonly<Record<string, readonly string[]>> = {
  run: ["/my-app"],
  exec: ["/my-app"],
  restore: ["3f2a"],
  copy: ["s3://my-bucket/my-app", "file:///mnt/shared/my-app"],
  "conflicts resolve": ["4be1", "--keep"],
  "merge-file": ["base.json", "ours.json", "theirs.json"],
};

/** Why kgsync would not begin with this, settings included; or nothing. */
const refusal = (args: readonly string[]): string | undefined => {
  try {
    const invocation = parseArgv([...args, ...(BEHIND[args.join(" ")] ?? [])]);
    if ("flags" in invocation) loadConfig({ KGSYNC_BUCKET: "s3://my-bucket/my-app" }, invocation.flags, () => "secret");
    return undefined;
  } catch (thrown) {
    return `kgsync ${args.join(" ")}: ${thrown instanceof Error ? thrown.message : thrown}`;
  }
};

describe("the commands that are shown", () => {
  it.each(PAGES)("%s", (page) => {
    expect(commandsIn(textOf(page)).flatMap((args) => refusal(args) ?? [])).toEqual([]);
  });

  it("are found wherever they stand", () => {
    const found = PAGES.flatMap((page) => commandsIn(textOf(page))).map((args) => args.join(" "));
    expect(found.length).toBeGreaterThan(150);
    expect(found).toEqual(
      expect.arrayContaining([
        "run -- /my-app", // a list in a Dockerfile
        "install /kgsync", // a list in YAML
        "sync", // behind docker exec and a prompt
        "merge-file %O %A %B --output %A --path %P", // in quotes
        "merge-file /tmp/base.json {graph} /src/knowledge_graph.json --output {graph} --on-conflict theirs", // inside exec
      ]),
    );
    expect(argumentsIn(`docker exec c kgsync push --bucket 'file:///a b' | tee x; "kgsync log"`)).toEqual([
      ["push", "--bucket", "file:///a b"],
      ["log"],
    ]);
  });

  it("are refused when they are wrong", () => {
    expect(refusal(["push", "--bucket", "nowhere"])).toContain("--bucket=nowhere");
    expect(refusal(["log", "--limt", "3"])).toContain("--limit");
  });
});
