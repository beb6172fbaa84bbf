import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { configurationJsonSchema, configurationMarkdown, envExample } from "../../../src/config/docs.ts";
import { exitCodesMarkdown } from "../../../src/config/docs-exit-codes.ts";
import { loadConfig } from "../../../src/config/load.ts";
import { SETTINGS } from "../../../src/config/schema.ts";
import { ERRORS } from "../../../src/core/errors.ts";

const root = join(import.meta.dirname, "../../..");
const stored = (name: string): string => readFileSync(join(root, name), "utf8");

const assignments = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    text
      .split("\n")
      .map((line) => /^(KGSYNC_[A-Z0-9_]+)=(.*)$/.exec(line))
      .flatMap((match) => (match === null ? [] : [[match[1], match[2]]])),
  );

describe("generated documents", () => {
  it.each([
    ["docs/configuration.md", configurationMarkdown],
    ["docs/configuration.schema.json", configurationJsonSchema],
    ["docs/exit-codes.md", exitCodesMarkdown],
    [".env.example", envExample],
  ])("%s is what the code says (else run `node scripts/gen-docs.ts`)", (name, render) => {
    expect(stored(name)).toBe(render());
  });

  it("the tables have every setting once, every code once, and as many cells in each row", () => {
    const markdown = configurationMarkdown();
    for (const { env } of SETTINGS) expect(markdown.split(`| \`${env}\`<br>`)).toHaveLength(2);
    for (const code of Object.keys(ERRORS)) expect(exitCodesMarkdown().split(`| \`${code}\` |`)).toHaveLength(2);
    const cells = (text: string, count: number): void => {
      for (const row of text.split("\n").filter((line) => line.startsWith("| `"))) {
        expect(row.split(/(?<!\\)\|/)).toHaveLength(count + 2);
      }
    };
    cells(markdown, 3);
  });

  it(".env.example is accepted as it is, and with all of its lines in force", () => {
    const refuse = (): string => {
      throw new Error("no file");
    };
    const shipped = assignments(envExample());
    expect(Object.keys(shipped)).toEqual(["KGSYNC_BUCKET"]);
    expect(loadConfig(shipped, {}, refuse).warnings).toEqual([]);
    const all = assignments(envExample().replaceAll("\n#KGSYNC_", "\nKGSYNC_"));
    expect(Object.keys(all).sort()).toEqual(SETTINGS.map(({ env }) => env).sort());
    expect(loadConfig(all, {}, refuse).config.bucket).toMatchObject({ scheme: "s3" });
  });

  it("the JSON schema requires the bucket alone, knows every name, and its patterns accept what is accepted", () => {
    const schema = JSON.parse(configurationJsonSchema());
    expect(schema.required).toEqual(["KGSYNC_BUCKET"]);
    expect(schema.additionalProperties).toBe(false);
    for (const { env, example, fallback, secret } of SETTINGS) {
      const property = schema.properties[env];
      expect(property).toMatchObject({ type: "string", examples: [example] });
      expect(property.default).toBe(fallback);
      for (const value of [example, fallback].filter((text) => text !== undefined)) {
        if (property.enum !== undefined) expect(property.enum).toContain(value);
        else expect(value).toMatch(new RegExp(property.pattern, "u"));
      }
      expect(schema.properties[`${env}_FILE`] !== undefined).toBe(secret === true);
    }
  });
});
