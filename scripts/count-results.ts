// Adds up the JSON reports of vitest in a folder and prints `N passed, N failed`. A skipped test counts as failed, and so
// does each broken step that the caller counted: in CI nothing is allowed not to run.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

type Report = {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numTotalTests: number;
  readonly success: boolean;
};

const [folder = ".", broken = "0"] = process.argv.slice(2);
const reports = readdirSync(folder)
  .filter((name) => name.endsWith(".json"))
  .map((name): Report => JSON.parse(readFileSync(join(folder, name), "utf8")));
const passed = reports.reduce((sum, report) => sum + report.numPassedTests, 0);
const notRun = reports.reduce((sum, report) => sum + report.numTotalTests - report.numPassedTests, 0);
const brokenFiles = reports.filter((report) => !report.success && report.numFailedTests === 0).length;
const failed = notRun + Math.max(Number(broken) > 0 && notRun + brokenFiles === 0 ? Number(broken) : 0, brokenFiles);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 || Number(broken) > 0 ? 1 : 0;
