import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { FOLDER } from "../deploy/manifests.ts";
import { fences, textOf } from "./documents.ts";

it("docs/kubernetes.md shows the example as it is, and has a row for every component", () => {
  const text = textOf("docs/kubernetes.md");
  const shown = parse(fences(text, "yaml")[0] ?? "");
  const { labels, ...example } = parse(readFileSync(join(FOLDER, "examples/graph-api/kustomization.yaml"), "utf8"));
  expect(labels).toBeDefined();
  expect(shown).toEqual(example);
  const rows = [...text.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, name]) => name);
  expect(rows.sort()).toEqual(readdirSync(join(FOLDER, "components")).sort());
});

it("the README puts components together in an order that works", () => {
  const { components }: { readonly components: readonly string[] } = parse(
    fences(textOf("README.md"), "yaml")[1] ?? "",
  );
  const missing = components.filter((path) => !existsSync(join(FOLDER, "examples/any", path, "kustomization.yaml")));
  expect(missing).toEqual([]);
  expect(components.at(-1)).toBe("../../components/grace");
});

it("documents name only files of deploy that are there", () => {
  const paths = ["README.md", "CHANGELOG.md", ...["kubernetes", "local-and-cloud"].map((name) => `docs/${name}.md`)];
  const named = paths.flatMap((path) => [...textOf(path).matchAll(/deploy\/[\w./-]*\w/g)].map(([file]) => file));
  expect(named.length).toBeGreaterThan(8);
  expect(named.filter((file) => !existsSync(join(FOLDER, "../..", file)))).toEqual([]);
});
