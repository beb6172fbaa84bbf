import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { documentsOf, EXAMPLES } from "./manifests.ts";

const root = join(import.meta.dirname, "../../..");

/** The module of the API's types for a kind; PodMonitor and PrometheusRule are not the API's own, and their tests are in pods.test.ts. */
const MODULES: Readonly<Record<string, string>> = {
  StatefulSet: "apps/v1",
  ConfigMap: "core/v1",
  Service: "core/v1",
  ServiceAccount: "core/v1",
  NetworkPolicy: "networking/v1",
};

let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "kgsync-typed-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The messages of tsc on these documents, each as a literal that must be of its kind: an unknown field is an error too. */
const typeErrors = (documents: readonly { readonly kind: string }[]): string => {
  const lines = documents.flatMap((document) => {
    const module = MODULES[document.kind];
    if (module === undefined) return [];
    const type = `import("kubernetes-types/${module}").${document.kind}`;
    return [`(${JSON.stringify(document, undefined, 1)}) satisfies ${type};`];
  });
  writeFileSync(join(folder, "typed.ts"), `${lines.join("\n")}\nexport {};\n`);
  const paths = { "kubernetes-types/*": [join(root, "node_modules/kubernetes-types/*")] };
  const compilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
    moduleDetection: "force",
    paths,
  };
  const config = { compilerOptions, files: ["typed.ts"] };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  const { stdout, status, error } = spawnSync(join(root, "node_modules/.bin/tsc"), ["-p", folder], {
    encoding: "utf8",
  });
  if (error !== undefined) throw error;
  if ((status === 0) !== (stdout === "")) throw new Error(`tsc: exit ${status}: ${stdout}`);
  return stdout;
};

describe("the types of the Kubernetes API", () => {
  it("are those of all rendered manifests", () => {
    const documents = EXAMPLES.flatMap(documentsOf);
    expect(new Set(documents.map(({ kind }) => kind))).toEqual(
      new Set([...Object.keys(MODULES), "PodMonitor", "PrometheusRule"]),
    );
    expect(typeErrors(documents)).toBe("");
  }, 60_000);

  it.each([
    ["a misspelt field", { terminationGracePeriodSecond: 60, containers: [] }, "terminationGracePeriodSecond"],
    ["a text for a number", { containers: [{ name: "app", ports: [{ containerPort: "80" }] }] }, "'string'"],
    ["a field at the wrong place", { containers: [{ name: "app", fsGroup: 1 }] }, "fsGroup"],
  ])(
    "refuse %s",
    (_, pod, word) => {
      const spec = { serviceName: "app", selector: {}, template: { spec: pod } };
      const document = { apiVersion: "apps/v1", kind: "StatefulSet", spec };
      expect(typeErrors([document])).toContain(word);
    },
    60_000,
  );
});
