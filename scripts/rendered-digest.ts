import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** Of everything that an example of `deploy/kubernetes` is rendered from: the base, all components, and the example itself. */
export const digestSources = (folder: string, example: string): string => {
  const lines = ["base", "components", `examples/${example}`].flatMap((part) =>
    readdirSync(join(folder, part), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".yaml"))
      .map((name) => `${part}/${name}`)
      .sort()
      .map((path) => `${path} ${sha256(readFileSync(join(folder, path), "utf8"))}`),
  );
  return sha256(lines.join("\n"));
};

/** The head of a rendered file: what it was made from, and what it was when it was made. Ends with a newline. */
export const renderedHead = (example: string, kustomize: string, sources: string, body: string): string =>
  [
    `# Rendered from examples/${example} by kustomize ${kustomize}. Do not edit: node scripts/render-kubernetes.ts`,
    `# sources sha256:${sources}`,
    `# rendered sha256:${sha256(body)}`,
    "",
  ].join("\n");
