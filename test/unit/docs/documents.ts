import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "../../..");

/** A file of the repository as text. */
export const textOf = (path: string): string => readFileSync(join(root, path), "utf8");

/** The files below a folder whose name ends so, as paths in the repository. */
export const filesBelow = (folder: string, ending: string): readonly string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(ending))
    .map((name) => `${folder}/${name}`)
    .sort();

const GENERATED = ["docs/configuration.md", "docs/exit-codes.md"];

/** Every document that people write; the generated ones have a test of their own. */
export const DOCUMENTS: readonly string[] = [
  ...["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"],
  ...filesBelow("docs", ".md").filter((path) => !GENERATED.includes(path)),
];

/** What stands in fences of a language, and the text with all fences taken out. */
export const fences = (text: string, language: string): readonly string[] =>
  [...text.matchAll(/^```(\w*)\n(.*?)^```$/gms)].flatMap(([, of, body]) => (of === language ? [body ?? ""] : []));

export const withoutFences = (text: string): string => text.replaceAll(/^```.*?^```$/gms, "");

/** What stands in backquotes, outside of fences; a span may run over the end of a line. */
export const spans = (text: string): readonly string[] =>
  [...withoutFences(text).matchAll(/`([^`]+)`/g)].map(([, span = ""]) => span.replaceAll(/\s+/g, " "));

/**
 * The scalars of a YAML document by path, for the plain block style that our snippets are written in: `a.b` for a member, `[]`
 * for an item. Flow values stay as they are written.
 */
export const yamlPaths = (yaml: string): ReadonlyMap<string, readonly string[]> => {
  const found = new Map<string, string[]>();
  const open: { readonly indent: number; readonly name: string }[] = [];
  for (const line of yaml.split("\n")) {
    let rest = line.replace(/^\s+/, "");
    if (rest === "" || rest.startsWith("#")) continue;
    let indent = line.length - rest.length;
    while ((open.at(-1)?.indent ?? -1) >= indent) open.pop();
    for (; rest.startsWith("- "); rest = rest.slice(2), indent += 2) open.push({ indent, name: "[]" });
    const member = /^([\w.-]+):(?: +(.*))?$/.exec(rest);
    if (member !== null) open.push({ indent, name: member[1] ?? "" });
    const value = member === null ? rest : (member[2] ?? "");
    const path = open.map(({ name }) => name).join(".");
    if (value !== "" || !found.has(path))
      found.set(path, [...(found.get(path) ?? []), ...(value === "" ? [] : [value])]);
  }
  return found;
};
