// npm run bench [-- --rows a,b --quick --json --write --from FILE]: all that docs/performance.md promises, measured in one run
// beside rclone, the AWS CLI, s5cmd, tini and bare Node, whichever is installed; each row with its target and whether it is met.
// No time makes it fail. --quick: small sizes and one or two rounds, to see that it works. --json: the results and the rows on
// stdout, nothing else (with npm run -s). --write: the table goes into docs/performance.md. --from: results of an earlier
// --json instead of a run. The parts are scripts of their own: bench-start, bench-large, bench-bulk, bench-idle, bench-save.
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { judge } from "./bench/judge.ts";
import { versionOf } from "./bench/peers.ts";
import type { Results } from "./bench/results.ts";
import { type Facts, factLines, fillBlock, markdownBlock, plainTable } from "./bench/table.ts";

type Part = { readonly script: string; readonly full: readonly string[]; readonly quick: readonly string[] };
type Name = keyof Results;

const PARTS: Readonly<Record<Name, Part>> = {
  start: { script: "bench-start", full: ["--rounds", "15"], quick: ["--rounds", "2"] },
  large: {
    script: "bench-large",
    full: ["--size", "1GiB", "--rounds", "3"],
    quick: ["--size", "40MiB", "--rounds", "1"],
  },
  bulk: {
    script: "bench-bulk",
    full: ["--files", "5000", "--rounds", "3"],
    quick: ["--files", "200", "--rounds", "1"],
  },
  idle: {
    script: "bench-idle",
    full: ["--seconds", "300", "--settle", "30"],
    quick: ["--seconds", "5", "--settle", "5"],
  },
  settle: { script: "bench-save", full: ["--saves", "30", "--exits", "0"], quick: ["--saves", "3", "--exits", "0"] },
  stop: { script: "bench-save", full: ["--saves", "0", "--exits", "15"], quick: ["--saves", "0", "--exits", "2"] },
};
const ALL: readonly Name[] = ["start", "large", "bulk", "idle", "settle", "stop"];

const { values } = parseArgs({
  options: {
    rows: { type: "string", default: ALL.join(",") },
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    from: { type: "string" },
  },
});

// A table without a measurement would look like one.
if (values.write && values.quick) throw new Error("--write is not for --quick: its numbers measure nothing");

/** What a part has printed, or nothing when it failed: why is on stderr, and the other parts are still worth something. */
const measure = ({ script, full, quick }: Part): Promise<unknown> =>
  new Promise((resolve) => {
    const path = join(import.meta.dirname, `${script}.ts`);
    const args = [path, "--json", ...(values.quick ? quick : full)];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    let text = "";
    child.stdout.on("data", (bytes) => {
      text += bytes;
    });
    child.once("close", (code) => {
      if (code !== 0) {
        console.error(`bench: ${script} ended with ${code}`);
        process.exitCode = 1;
      }
      resolve(code === 0 ? JSON.parse(text) : undefined);
    });
  });

const measureAll = async (): Promise<Results> => {
  const wanted = values.rows.split(",");
  const unknown = wanted.filter((name) => !ALL.some((known) => known === name));
  if (unknown.length > 0) throw new Error(`--rows=${unknown.join(",")}: known are ${ALL.join(",")}`);
  const found: Partial<Record<Name, unknown>> = {};
  for (const name of ALL.filter((each) => wanted.includes(each))) {
    const began = performance.now();
    found[name] = await measure(PARTS[name]);
    console.error(`bench: ${name} took ${((performance.now() - began) / 1000).toFixed(0)} s`);
  }
  return JSON.parse(JSON.stringify(found));
};

const factsNow = (): Facts => ({
  date: new Date().toISOString().slice(0, 10),
  cores: cpus().length,
  cpu: cpus()[0]?.model ?? "unknown",
  memoryGb: Math.round(totalmem() / 1e9),
  node: process.versions.node,
  peers: Object.fromEntries(["rclone", "aws", "s5cmd", "tini"].map((name) => [name, versionOf(name) ?? null])),
  quick: values.quick,
});

const { facts, results }: { readonly facts: Facts; readonly results: Results } =
  values.from === undefined
    ? { facts: factsNow(), results: await measureAll() }
    : JSON.parse(readFileSync(values.from, "utf8"));
const rows = judge(results);
if (values.json) console.log(JSON.stringify({ facts, rows, results }, undefined, 2));
else console.log([...factLines(facts), "", plainTable(rows)].join("\n"));
if (values.write) {
  const path = join(import.meta.dirname, "../docs/performance.md");
  writeFileSync(path, fillBlock(readFileSync(path, "utf8"), markdownBlock(facts, rows)));
}
