import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { prometheusRule } from "../../../scripts/prometheus-rule.ts";
import { digestSources, renderedHead } from "../../../scripts/rendered-digest.ts";
import { EXAMPLES, FOLDER } from "./manifests.ts";

it("every example is rendered, and nothing else", () => {
  expect(EXAMPLES.length).toBeGreaterThan(5);
  expect(readdirSync(join(FOLDER, "rendered")).sort()).toEqual(EXAMPLES.map((name) => `${name}.yaml`));
});

it.each(EXAMPLES)("%s is rendered from the sources as they are (else scripts/render-kubernetes.ts)", (example) => {
  const text = readFileSync(join(FOLDER, "rendered", `${example}.yaml`), "utf8");
  const version = /by kustomize (v5\.\d+\.\d+)\./.exec(text)?.[1] ?? "no version";
  const body = text.replace(/^(?:#.*\n)+/, "");
  expect(text).toBe(`${renderedHead(example, version, digestSources(FOLDER, example), body)}${body}`);
});

it("the component alerts is made from the rules as they are (else scripts/render-kubernetes.ts)", () => {
  const alerts = readFileSync(join(FOLDER, "../monitoring/alerts.yaml"), "utf8");
  const made = readFileSync(join(FOLDER, "components/alerts/prometheusrule.yaml"), "utf8");
  expect(made).toBe(prometheusRule(alerts));
  expect(parse(made).spec).toEqual(parse(alerts));
});

it("every component is in an example for each way of kgsync to the app", () => {
  const ways = ["entrypoint", "sidecar", "inject"];
  const components = readdirSync(join(FOLDER, "components")).filter((name) => !ways.includes(name));
  const used = EXAMPLES.map((example): readonly string[] =>
    parse(readFileSync(join(FOLDER, "examples", example, "kustomization.yaml"), "utf8")).components.map(
      (path: string) => path.replace("../../components/", ""),
    ),
  );
  for (const way of ways)
    for (const component of components)
      expect(
        used.some((list) => list.includes(way) && list.includes(component)),
        `${way} with ${component}`,
      ).toBe(true);
  // the grace is copied when nobody changes it any more
  for (const list of used) expect(list.at(-1)).toBe("grace");
  for (const list of used) expect(list.filter((component) => ways.includes(component))).toHaveLength(1);
});
