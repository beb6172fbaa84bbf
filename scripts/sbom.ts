// A software bill of materials (CycloneDX 1.5, ECMA-424) of what is shipped: npm's own, less what the lock file marks as for
// development, and Node. `npm sbom --omit=dev` leaves out what development needs as well (npm 11: 19 packages of 73).
// The same commit gives the same bytes.
//   node scripts/sbom.ts REVISION DATE >kgsync.cdx.json          DATE: RFC 3339
import { execFileSync } from "node:child_process";
import { hash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { shippedPackages } from "./shipped-packages.ts";

type Component = { readonly "bom-ref": string; readonly name: string; readonly version: string };
type Dependency = { readonly ref: string; readonly dependsOn?: readonly string[] };
type Bom = {
  readonly metadata: { readonly component: Component };
  readonly components: readonly Component[];
  readonly dependencies: readonly Dependency[];
};

const root = join(import.meta.dirname, "..");

/** RFC 9562 §5.8: bytes of a digest in the form of a UUID. */
const uuidOf = (text: string): string => {
  const hex = hash("sha256", text);
  const variant = (8 + (Number.parseInt(hex[16] ?? "0", 16) % 4)).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    variant + hex.slice(17, 20),
    hex.slice(20, 32),
  ].join("-");
};

type Release = { readonly revision: string; readonly date: string; readonly node: string; readonly lock: string };

const completeBom = (npm: Bom, { revision, date, node, lock }: Release): object => {
  const { component } = npm.metadata;
  const shipped = new Set(shippedPackages(lock).map(({ name, version }) => `${name}@${version}`));
  const isShipped = (ref: string): boolean => ref === component["bom-ref"] || shipped.has(ref);
  return {
    ...npm,
    serialNumber: `urn:uuid:${uuidOf(`${component.version} ${revision}`)}`,
    metadata: {
      ...npm.metadata,
      timestamp: new Date(date).toISOString(),
      component: {
        ...component,
        type: "application",
        name: "kgsync",
        properties: [{ name: "revision", value: revision }],
      },
    },
    components: [
      ...npm.components.filter((one) => isShipped(one["bom-ref"])),
      {
        "bom-ref": `node@${node}`,
        type: "platform",
        name: "node",
        version: node,
        scope: "required",
        purl: `pkg:generic/node@${node}`,
        cpe: `cpe:2.3:a:nodejs:node.js:${node}:*:*:*:*:*:*:*`,
        licenses: [{ license: { id: "MIT" } }],
      },
    ],
    dependencies: npm.dependencies
      .filter(({ ref }) => isShipped(ref))
      .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter(isShipped) })),
  };
};

export const makeBom = (revision: string, date: string): string => {
  const printed = execFileSync(
    "npm",
    ["sbom", "--package-lock-only", "--sbom-format=cyclonedx", "--sbom-type=application"],
    { cwd: root, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 },
  );
  const { devDependencies }: { devDependencies: { node: string } } = JSON.parse(
    readFileSync(join(root, "package.json"), "utf8"),
  );
  const lock = readFileSync(join(root, "package-lock.json"), "utf8");
  const bom = completeBom(JSON.parse(printed), { revision, date, node: devDependencies.node, lock });
  return `${JSON.stringify(bom, undefined, 2)}\n`;
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [revision, date] = process.argv.slice(2);
  if (revision === undefined || date === undefined || Number.isNaN(Date.parse(date)))
    throw new Error("usage: node scripts/sbom.ts REVISION DATE");
  process.stdout.write(makeBom(revision, date));
}
