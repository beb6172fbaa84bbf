/**
 * Renders every example of deploy/kubernetes into deploy/kubernetes/rendered, with kustomize 5 from the PATH or from $KUSTOMIZE:
 *
 *     go install sigs.k8s.io/kustomize/kustomize/v5@v5.8.1
 *     node scripts/render-kubernetes.ts
 *
 * The alerts among the components are made from deploy/monitoring/alerts.yaml before. The rendered files are committed, so that nobody needs kustomize to read or check them.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { prometheusRule } from "./prometheus-rule.ts";
import { digestSources, renderedHead } from "./rendered-digest.ts";

const folder = join(import.meta.dirname, "../deploy/kubernetes");
const program = process.env["KUSTOMIZE"] ?? "kustomize";
const kustomize = (...args: readonly string[]): string =>
  execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });

const version = kustomize("version").trim();
if (!version.startsWith("v5.")) throw new Error(`kustomize 5 is needed, and ${program} is ${version}`);

const alerts = readFileSync(join(folder, "../monitoring/alerts.yaml"), "utf8");
writeFileSync(join(folder, "components/alerts/prometheusrule.yaml"), prometheusRule(alerts));

const rendered = join(folder, "rendered");
rmSync(rendered, { recursive: true, force: true });
mkdirSync(rendered);
for (const example of readdirSync(join(folder, "examples")).sort()) {
  const body = kustomize("build", join(folder, "examples", example));
  writeFileSync(
    join(rendered, `${example}.yaml`),
    `${renderedHead(example, version, digestSources(folder, example), body)}${body}`,
  );
  console.log(`deploy/kubernetes/rendered/${example}.yaml`);
}
