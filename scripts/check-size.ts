// Holds the size rules of docs/architecture.md: no source file over 250 lines, the median at most 80.
import { globSync, readFileSync } from "node:fs";

const lines = globSync("src/**/*.ts").map((file) => ({
  file,
  count: readFileSync(file, "utf8").split("\n").length - 1,
}));
const tooLong = lines.filter(({ count }) => count > 250);
for (const { file, count } of tooLong) console.error(`${file}: ${count} lines, at most 250 are allowed`);
const sorted = lines.map(({ count }) => count).sort((a, b) => a - b);
const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
if (median > 80) console.error(`The median source file has ${median} lines, at most 80 are allowed`);
process.exitCode = tooLong.length > 0 || median > 80 ? 1 : 0;
