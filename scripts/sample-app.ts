// A stand-in for the real app, with its habits: it loads its graph once, rewrites it in place (truncate, write, no rename)
// at start, on every change and on stop, and begins an empty graph without a word when the file cannot be read.
//   node scripts/sample-app.ts [GRAPH] [options]            add a service: the line `add NAME` on stdin, or SIGUSR1
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { emptyGraph, encodeGraph, type Graph, parseGraph } from "./go-graph.ts";

const HELP = `usage: sample-app [GRAPH] [options]          GRAPH defaults to amadeus/knowledge_graph.json
  --every MS       add a service every MS milliseconds
  --count N        after N added services, save and end by itself
  --no-backups     write no file under backups/ after a change
  --ignore-term    go on after TERM and INT
  --stop-delay MS  take so long between TERM and the last save
  --exit CODE      the exit code after a stop
  --torn           the first save after the start writes half of the file, and the app dies by KILL
  --quiet          print nothing
Lines on stdin: add NAME, remove NAME, backup, save, stop. TERM or INT: save and end.`;

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    every: { type: "string", default: "0" },
    count: { type: "string", default: "0" },
    "no-backups": { type: "boolean", default: false },
    "ignore-term": { type: "boolean", default: false },
    "stop-delay": { type: "string", default: "0" },
    exit: { type: "string", default: "0" },
    torn: { type: "boolean", default: false },
    quiet: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
if (flags.help) {
  console.log(HELP);
  process.exit(0);
}

const file = positionals[0] ?? "amadeus/knowledge_graph.json";
const startedNs = BigInt(Date.now()) * 1_000_000n - process.hrtime.bigint();

/** RFC 3339 in UTC with nanoseconds and no trailing zeros: its length differs from save to save. */
const now = (): string => {
  const ns = startedNs + process.hrtime.bigint();
  const fraction = String(ns % 1_000_000_000n)
    .padStart(9, "0")
    .replace(/0+$/, "");
  return `${new Date(Number(ns / 1_000_000n)).toISOString().slice(0, 19)}${fraction && `.${fraction}`}Z`;
};

const say = (line: string): void => {
  if (!flags.quiet) process.stdout.write(`${line}\n`);
};

const load = (): Graph => {
  try {
    return parseGraph(readFileSync(file, "utf8"));
  } catch {
    return emptyGraph(now());
  }
};

const write = (path: string, text: string): void => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text, { mode: 0o600 }); // truncates, then one write: a reader may see it empty
};

let graph = load();
let changes = 0;

const save = (why: string): void => {
  graph = { ...graph, last_updated: now() };
  const text = encodeGraph(graph);
  if (flags.torn && why !== "start") {
    write(file, text.slice(0, text.length / 2));
    say(`torn ${why}`);
    process.kill(process.pid, "SIGKILL");
  }
  write(file, text);
  say(`saved ${why} version=${graph.version} services=${Object.keys(graph.services ?? {}).length}`);
};

/** One file per second of UTC: a second backup within it overwrites the first, as in the real app. */
const backup = (): void => {
  save("backup");
  const stamp = new Date().toISOString().slice(0, 19).replace(/[-:]/g, "").replace("T", "_");
  write(join(dirname(file), "backups", `knowledge_graph_${stamp}.json`), encodeGraph(graph));
};

const change = (why: string, services: Graph["services"]): void => {
  const [major = "1", minor = "0", patch = "0"] = graph.version.split(".");
  graph = { ...graph, services, version: `${major}.${minor}.${Number(patch) + 1}` };
  save(why);
  if (!flags["no-backups"]) backup();
  changes += 1;
  if (changes === Number(flags.count)) stop("count");
};

const add = (name: string): void => {
  const metadata = { capabilities: [name], health_check: `/health/${name}`, updated_at: now(), version: "v1" };
  change(`add ${name}`, { ...graph.services, [name]: { name, category: "sample", dependencies: ["user"], metadata } });
};

const addNext = (): void => {
  let next = 1;
  while (graph.services?.[`sample${next}`] !== undefined) next += 1;
  add(`sample${next}`);
};

const remove = (name: string): void => {
  const { [name]: _, ...rest } = graph.services ?? {};
  change(`remove ${name}`, rest);
};

let stopping = false;
const stop = (why: string): void => {
  if (stopping) return;
  stopping = true;
  say(`stopping ${why}`);
  setTimeout(() => {
    save("stop");
    process.exit(Number(flags.exit));
  }, Number(flags["stop-delay"]));
};

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.on(signal, () => (flags["ignore-term"] ? say(`ignored ${signal}`) : stop(signal)));
}
process.on("SIGUSR1", addNext);
setInterval(() => (Number(flags.every) > 0 && !stopping ? addNext() : undefined), Number(flags.every) || 60_000);
createInterface({ input: process.stdin }).on("line", (line) => {
  const [verb = "", name = ""] = line.trim().split(/\s+/);
  if (verb === "add") add(name);
  else if (verb === "remove") remove(name);
  else if (verb === "backup") backup();
  else if (verb === "save") save("save");
  else if (verb === "stop") stop("stdin");
});
save("start");
say(`ready pid=${process.pid} cwd=${process.cwd()}`);
