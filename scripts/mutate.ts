// How well the tests hold src/core: changes it in thousands of small ways, and counts which of them a test notices.
//   npm run mutate [-- PATH…]      paths of files below src/core; without any, all of it
// One file after another, by Stryker; what a file came to is kept in .stryker/, until the file changes. So a run that was
// interrupted goes on where it was. It takes hours on two cores, and is not a part of CI. Fails below 90 %.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const WANTED = 90;
const REPORT = ".stryker/mutation.json";
const FOUND = ["Killed", "Timeout"];
const MISSED = ["Survived", "NoCoverage"];

type Mutant = {
  readonly status: string;
  readonly mutatorName: string;
  readonly replacement?: string;
  readonly location: { readonly start: { readonly line: number } };
};
type Result = { readonly sha256: string; readonly found: number; readonly missed: readonly string[] };

const asked = process.argv.slice(2);
const files =
  asked.length > 0
    ? asked
    : readdirSync("src/core", { recursive: true, encoding: "utf8" })
        .filter((name) => name.endsWith(".ts"))
        .map((name) => join("src/core", name))
        .filter((file) => /^(?:export )?const /m.test(readFileSync(file, "utf8"))) // types alone cannot be wrong
        .sort();

const resultPath = (file: string): string => `.stryker/${file.replaceAll("/", "-")}.json`;

const known = (file: string, sha256: string): Result | undefined => {
  if (!existsSync(resultPath(file))) return undefined;
  const result: Result = JSON.parse(readFileSync(resultPath(file), "utf8"));
  return result.sha256 === sha256 ? result : undefined;
};

const run = (file: string, sha256: string): Result => {
  const { status } = spawnSync("stryker", ["run", "--mutate", file], { stdio: ["ignore", "ignore", "inherit"] });
  if (status !== 0 || !existsSync(REPORT)) throw new Error(`stryker ended with ${status} on ${file}`);
  const report: { files: Record<string, { mutants: readonly Mutant[] }> } = JSON.parse(readFileSync(REPORT, "utf8"));
  const mutants = Object.values(report.files).flatMap((each) => each.mutants);
  return {
    sha256,
    found: mutants.filter((mutant) => FOUND.includes(mutant.status)).length,
    missed: mutants
      .filter((mutant) => MISSED.includes(mutant.status))
      .map(({ status: how, mutatorName, replacement, location }) =>
        `${how} in line ${location.start.line}: ${mutatorName} ${replacement ?? ""}`.trim(),
      ),
  };
};

mkdirSync(".stryker", { recursive: true });
const totals = { found: 0, missed: 0 };
for (const file of files) {
  const sha256 = createHash("sha256").update(readFileSync(file)).digest("hex");
  const result = known(file, sha256) ?? run(file, sha256);
  writeFileSync(resultPath(file), JSON.stringify(result));
  totals.found += result.found;
  totals.missed += result.missed.length;
  process.stdout.write(`${file}: ${result.found} of ${result.found + result.missed.length}\n`);
  for (const line of result.missed) process.stdout.write(`    ${line}\n`);
}
const score = (100 * totals.found) / Math.max(1, totals.found + totals.missed);
process.stdout.write(
  `${totals.found} of ${totals.found + totals.missed} changes were noticed: ${score.toFixed(1)} %\n`,
);
process.exitCode = score < WANTED ? 1 : 0;
