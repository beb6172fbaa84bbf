import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { parseGraph } from "../../scripts/go-graph.ts";
import { sampleGraphBytes } from "../support/sample-graph.ts";

const script = fileURLToPath(new URL("../../scripts/sample-app.ts", import.meta.url));
let folder: string;
let graph: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kgsync-app-"));
  graph = join(folder, "amadeus/knowledge_graph.json");
  mkdirSync(join(folder, "amadeus"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const app = (...flags: readonly string[]) => {
  const started = spawn(process.execPath, [script, ...flags], { cwd: folder, stdio: ["pipe", "pipe", "inherit"] });
  let out = "";
  started.stdout.on("data", (bytes) => (out += bytes));
  const ended = new Promise((resolve) => started.once("close", (code, signal) => resolve(signal ?? code)));
  const says = (text: string) => vi.waitFor(() => expect(out).toContain(text), { timeout: 30_000, interval: 5 });
  return {
    says,
    ended,
    kill: (signal: NodeJS.Signals) => started.kill(signal),
    type: (line: string) => started.stdin.write(`${line}\n`),
  };
};
const services = (): string[] => Object.keys(parseGraph(readFileSync(graph, "utf8")).services ?? {});

test("it saves at start, on a change, with a backup, and on TERM; only last_updated changes without a change", async () => {
  writeFileSync(graph, sampleGraphBytes({ bytes: 5000 }));
  const before = readFileSync(graph, "utf8");
  const { says, ended, kill, type } = app("--exit", "3");
  await says("ready");
  const started = readFileSync(graph, "utf8");
  expect(started).not.toBe(before);
  const clock = /"last_updated": "[^"]*"/;
  expect(started.replace(clock, "")).toBe(before.replace(clock, ""));
  type("add <new>");
  await says("saved backup version=1.0.22");
  kill("SIGUSR1");
  await says("saved add sample1 version=1.0.23");
  kill("SIGTERM");
  expect(await ended).toBe(3);
  expect(services()).toContain("<new>");
  expect(services()).toContain("sample1");
  expect(readFileSync(graph, "utf8")).toContain('"\\u003cnew\\u003e": {');
  for (const name of readdirSync(join(folder, "amadeus/backups"))) {
    expect(name).toMatch(/^knowledge_graph_\d{8}_\d{6}\.json$/);
  }
});

test.each(["", "{", "\ufeff{}", '{"version":"1","last_updated":"x"}'])(
  "it begins an empty graph without a word on %j",
  async (content) => {
    writeFileSync(graph, content);
    const { ended, says, type } = app();
    await says("ready");
    expect(services()).toEqual([]);
    type("stop");
    expect(await ended).toBe(0);
  },
);

test("it can leave half a file, and ignore TERM", async () => {
  const { says, ended, kill, type } = app("--torn", "--ignore-term");
  await says("ready");
  const whole = statSync(graph).size;
  expect(statSync(graph).mode & 0o777).toBe(0o600);
  kill("SIGTERM");
  await says("ignored SIGTERM");
  type("save");
  expect(await ended).toBe("SIGKILL");
  expect(statSync(graph).size).toBeLessThan(whole);
  expect(() => parseGraph(readFileSync(graph, "utf8"))).toThrow();
});
