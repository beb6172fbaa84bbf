import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { type Budget, budgetLine, isOver, measureDist, measurePackages, readBudget } from "../../../scripts/budget.ts";

const folder = mkdtempSync(join(tmpdir(), "kgsync-budget-"));
afterAll(() => rmSync(folder, { recursive: true }));
writeFileSync(join(folder, "main.cjs"), "x".repeat(1000));
writeFileSync(join(folder, "main.cjs.map"), "not shipped");

const budget = (dist: Budget["dist"], packages = 2): Budget => ({
  dist,
  gzip: { "main.cjs": 100 },
  image: {},
  packages,
});
const overIn = (dist: Budget["dist"]) => measureDist(folder, budget(dist)).filter(isOver).map(budgetLine);

it("lets pass what is as large as its budget, and no byte more", () => {
  expect(overIn({ "main.cjs": 1000 })).toEqual([]);
  expect(overIn({ "main.cjs": 999 })).toEqual([expect.stringMatching(/^dist\/main.cjs +1000 of +999 OVER$/)]);
});

it("refuses a file without a budget, and a budget without its file", () => {
  expect(overIn({})).toEqual([expect.stringContaining("no budget")]);
  const lines = overIn({ "main.cjs": 1000, "gone.cjs": 10 });
  expect(lines).toHaveLength(2);
  expect(lines[0]).toContain("dist/gone.cjs");
});

it("counts the packages that are shipped", () => {
  const packages = {
    "": {},
    "node_modules/a": {},
    "node_modules/b": { dev: true },
    "node_modules/c": {},
    "node_modules/d": {},
  };
  const measured = measurePackages(JSON.stringify({ packages }), budget({}));
  expect(measured).toEqual({ what: "production packages", size: 3, budget: 2 });
  expect(isOver(measured)).toBe(true);
});

it("has a limit for each image of a release", () => {
  expect(Object.keys(readBudget().image)).toEqual(["kgsync:release", "kgsync:release-inject", "kgsync:release-dist"]);
});
