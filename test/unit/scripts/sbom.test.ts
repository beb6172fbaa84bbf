import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { makeBom } from "../../../scripts/sbom.ts";
import { shippedPackages } from "../../../scripts/shipped-packages.ts";

const root = join(import.meta.dirname, "../../..");
const REVISION = "0123456789abcdef0123456789abcdef01234567";
const DATE = "2026-11-24T12:00:00+02:00";

it("names every package that is shipped, with its digest, and Node; twice the same bytes", () => {
  const text = makeBom(REVISION, DATE);
  expect(makeBom(REVISION, DATE)).toBe(text);
  const bom = JSON.parse(text);
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  expect(bom.metadata.timestamp).toBe("2026-11-24T10:00:00.000Z");
  expect(bom.metadata.component).toMatchObject({ name: "kgsync", type: "application" });
  expect(bom.serialNumber).toMatch(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  const versions = new Map<string, string>(
    bom.components.map((one: { name: string; version: string }) => [one.name, one.version]),
  );
  for (const [name, version] of Object.entries(dependencies))
    expect([name, versions.get(name)]).toEqual([name, version]);
  expect(versions.get("node")).toBe(devDependencies.node);
  expect(versions.has("vitest")).toBe(false);
  expect(bom.components).toHaveLength(
    shippedPackages(readFileSync(join(root, "package-lock.json"), "utf8")).length + 1,
  );
  const undigested = bom.components.filter((one: { name: string; hashes?: unknown }) => one.hashes === undefined);
  expect(undigested.map((one: { name: string }) => one.name)).toEqual(["node"]);
});
