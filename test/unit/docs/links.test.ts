import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { DOCUMENTS, filesBelow, spans, textOf, withoutFences } from "./documents.ts";

const root = join(import.meta.dirname, "../../..");

const links = (text: string): readonly string[] =>
  [...withoutFences(text).matchAll(/\[[^\]]+\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);

/** As GitHub makes them of headings. */
const anchors = (text: string): readonly string[] =>
  [...withoutFences(text).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );

describe.each(DOCUMENTS)("%s", (path) => {
  const text = textOf(path);

  it("links to what is there", () => {
    const broken = links(text).filter((link) => {
      if (/^[a-z]+:/.test(link)) return false;
      const [file = "", anchor] = link.split("#");
      const target = file === "" ? path : join(dirname(path), file);
      return !existsSync(join(root, target)) || (anchor !== undefined && !anchors(textOf(target)).includes(anchor));
    });
    expect(broken).toEqual([]);
  });

  it("names only files that are there", () => {
    const named = spans(text).filter((span) => /^(?:src|test|scripts|docs)\/[\w./-]+$/.test(span));
    expect(named.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });

  it("has lines that a person can read, but for tables", () => {
    const long = withoutFences(text)
      .split("\n")
      .filter((line) => !line.startsWith("|") && line.length > 125);
    expect(long).toEqual([]);
  });
});

it("the README leads to every document", () => {
  const reached = links(textOf("README.md"));
  const unreached = filesBelow("docs", ".md").filter(
    (path) => !reached.includes(path) && !reached.includes(dirname(path)),
  );
  // docs/ itself is no link: whoever is in it must be named, and the decisions are one folder
  expect(unreached).toEqual([]);
  expect(reached).not.toContain("docs");
});

it("every promise of the contract names the tests that hold it", () => {
  const promises = textOf("docs/contract.md").split("\n### ").slice(1);
  expect(promises.map((promise) => Number(promise.split(".")[0]))).toEqual(promises.map((_, index) => index + 1));
  const unheld = promises.filter((promise) => !/\*Tests:\*[^#]*`test\/[\w./-]+\.test\.ts`/.test(promise));
  expect(unheld.map((promise) => promise.split("\n")[0])).toEqual([]);
});

it("the decisions are numbered without a gap", () => {
  const decisions = filesBelow("docs/adr", ".md");
  const numbers = decisions.map((path) => Number(/^docs\/adr\/(\d{4})-/.exec(path)?.[1]));
  expect(numbers).toEqual(decisions.map((_, index) => index + 1));
  for (const [index, path] of decisions.entries()) expect(textOf(path)).toMatch(new RegExp(`^# ${index + 1}\\. `));
});
