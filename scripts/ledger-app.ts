// An app with the habits of the real one that keeps a ledger, so that a test can tell what it has saved: it loads its graph
// once, keeps it in memory, and rewrites it in place at start, on every change and on TERM.
//   node scripts/ledger-app.ts GRAPH LEDGER NAME [EVERY_MS]
// LEDGER may hold $HOSTNAME. Each line of the ledger is written behind the save that it tells of: {"at", "sha256", "add"?, "remove"?}; of a
// removal there is one before it, {"at", "sha256": "", "removing"}. Facts have names that are never used twice: NAME, the life's own number, a count.
import { createHash, randomInt } from "node:crypto";
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { emptyGraph, encodeGraph, type Graph, parseGraph } from "./go-graph.ts";

const [file = "", ledgerName = "", name = "", every = "150"] = process.argv.slice(2);
const ledger = ledgerName.replace("$HOSTNAME", hostname());

const load = (): Graph => {
  try {
    return parseGraph(readFileSync(file, "utf8"));
  } catch {
    return emptyGraph(new Date().toISOString());
  }
};

let graph = load();
const life = `${name}-${Date.now().toString(36)}${randomInt(1000)}`;
const mine: string[] = [];
let count = 0;

const save = (what: { readonly add?: string; readonly remove?: string } = {}): void => {
  graph = { ...graph, last_updated: new Date().toISOString() };
  const text = encodeGraph(graph);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text, { mode: 0o600 }); // truncates, then writes: a reader may see it empty
  const sha256 = createHash("sha256").update(text).digest("hex");
  appendFileSync(ledger, `${JSON.stringify({ at: Date.now(), sha256, ...what })}\n`);
};

const setService = (key: string, value: string): void => {
  const service = { name: key, category: value, dependencies: [], metadata: { updated_by: name } };
  graph = { ...graph, services: { ...graph.services, [key]: service } };
};

const change = (): void => {
  const dice = randomInt(100);
  const old = mine[randomInt(mine.length + 1)];
  if (dice < 10 && old !== undefined) {
    const { [old]: _, ...rest } = graph.services ?? {};
    graph = { ...graph, services: rest };
    mine.splice(mine.indexOf(old), 1);
    // Before the save too: a kill between the save and its line would leave a removal that nobody has heard of.
    appendFileSync(ledger, `${JSON.stringify({ at: Date.now(), sha256: "", removing: old })}\n`);
    save({ remove: old });
    return;
  }
  if (dice < 25) {
    setService(`shared${randomInt(3)}`, `${life}-${count}`);
    save();
    return;
  }
  count += 1;
  const fact = `${life}-${count}`;
  setService(fact, "fact");
  mine.push(fact);
  save({ add: fact });
};

const later = (): void => {
  setTimeout(
    () => {
      change();
      later();
    },
    Number(every) / 3 + randomInt(Number(every) * 2),
  );
};

process.on("SIGTERM", () => {
  save();
  process.exit(0);
});
save();
process.stdout.write("ready\n");
later();
