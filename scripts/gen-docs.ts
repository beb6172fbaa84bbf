// Writes the documents that are made from the code; with --check it writes nothing and fails when one differs.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { configurationJsonSchema, configurationMarkdown, envExample } from "../src/config/docs.ts";
import { exitCodesMarkdown } from "../src/config/docs-exit-codes.ts";

const DOCUMENTS: Readonly<Record<string, () => string>> = {
  "docs/configuration.md": configurationMarkdown,
  "docs/configuration.schema.json": configurationJsonSchema,
  "docs/exit-codes.md": exitCodesMarkdown,
  ".env.example": envExample,
};

const root = join(import.meta.dirname, "..");

const current = (path: string): string | undefined => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
};

const check = process.argv.includes("--check");
for (const [name, render] of Object.entries(DOCUMENTS)) {
  const path = join(root, name);
  const text = render();
  if (current(path) === text) continue;
  if (check) {
    console.error(`${name} differs from what the code says: run \`node scripts/gen-docs.ts\``);
    process.exitCode = 1;
  } else {
    writeFileSync(path, text);
    console.log(`${name}: written`);
  }
}
