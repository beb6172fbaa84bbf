import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { RunningKgsync } from "../support/run-kgsync.ts";
import { createStoryPlace } from "../support/story-place.ts";
import { useBundle } from "../support/use-bundle.ts";

// The app that people run: @modelcontextprotocol/server-memory, which keeps entities and relations in a file of JSON Lines.

const bin = useBundle();
const SERVER = join(import.meta.dirname, "node_modules/@modelcontextprotocol/server-memory/dist/index.js");

type Settings = Readonly<Record<string, string>>;

/** The two ways to have it: as the graph, or beside one. */
const AS_GRAPH: Settings = { KGSYNC_GRAPH: "memory.jsonl", KGSYNC_BACKUPS: "" };
const BESIDE: Settings = { KGSYNC_INCLUDE: "memory.jsonl:merge-jsonl" };

const createPlace = (settings: Settings, bucket?: string) => {
  const place = createStoryPlace(bin);
  const file = join(place.cwd, "memory.jsonl");
  mkdirSync(place.cwd, { recursive: true });
  const env = { ...settings, ...(bucket === undefined ? {} : { KGSYNC_BUCKET: `file://${bucket}` }) };
  const serve = (): RunningKgsync =>
    place.start(["run", "--", process.execPath, SERVER], { MEMORY_FILE_PATH: file, ...env });
  return {
    ...place,
    serve,
    disk: () => place.textAt(file),
    kept: (at = bucket ?? place.bucket) => place.textAt(join(at, "memory.jsonl")),
  };
};

/** A client of the server: JSON-RPC, one message on each line (MCP specification, "Transports", stdio). */
const connect = async (run: RunningKgsync) => {
  let id = 0;
  const answer = async (method: string, params: object): Promise<string> => {
    id += 1;
    run.say(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
    const found = await run.waitForLine(new RegExp(`^.*"id":${id}[,}].*$`, "m"));
    return found[0];
  };
  const clientInfo = { name: "test", version: "1" };
  await answer("initialize", { protocolVersion: "2025-06-18", capabilities: {}, clientInfo });
  run.say(JSON.stringify({ jsonrpc: "2.0", method: "notifications/initialized" }));
  const call = (name: string, args: object) => answer("tools/call", { name, arguments: args });
  return {
    remember: async (...names: readonly string[]): Promise<void> => {
      const entities = names.map((name) => ({ name, entityType: "person", observations: [`${name} is known`] }));
      expect(await call("create_entities", { entities })).not.toContain('"error"');
    },
    relate: async (from: string, to: string): Promise<void> => {
      await call("create_relations", { relations: [{ from, to, relationType: "knows" }] });
    },
    forget: async (name: string): Promise<void> => {
      await call("delete_entities", { entityNames: [name] });
    },
    graph: () => call("read_graph", {}),
  };
};

const stop = async (run: RunningKgsync): Promise<void> => {
  run.signal("SIGTERM");
  const { code } = await run.ended;
  expect([0, 143]).toContain(code);
  expect(run.err()).toContain('"data":"safe"');
};

test.each([
  ["as the graph", AS_GRAPH],
  ["beside a graph", BESIDE],
])("%s: what was remembered is there on a fresh disk", async (_, settings) => {
  const place = createPlace(settings);
  const run = place.serve();
  const client = await connect(run);
  await client.remember("Ann", "Bob");
  await client.relate("Ann", "Bob");
  await stop(run);
  expect(place.kept()).toBe(place.disk());
  expect(place.kept()).toContain('"relationType":"knows"');

  const fresh = createPlace(settings, place.bucket);
  const again = fresh.serve();
  const graph = await (await connect(again)).graph();
  for (const word of ["Ann", "Bob", "knows"]) expect(graph).toContain(word);
  await stop(again);
});

test("two servers at once: both remember, one forgets, and the bucket has what is left of both", async () => {
  const one = createPlace(AS_GRAPH);
  const first = one.serve();
  const a = await connect(first);
  await a.remember("Ann", "Old");
  await first.waitForEvent("push.stored");
  const two = createPlace(AS_GRAPH, one.bucket);
  const second = two.serve();
  const b = await connect(second);
  await a.remember("Bob");
  await first.waitForEvent("push.stored", 2);
  await b.remember("Cid");
  await b.forget("Old");
  await stop(second);
  await stop(first);
  const third = createPlace(AS_GRAPH, one.bucket);
  const run = third.serve();
  const graph = await (await connect(run)).graph();
  for (const name of ["Ann", "Bob", "Cid"]) expect(graph).toContain(name);
  expect(graph).not.toContain("Old");
  await stop(run);
});

test("killed between a save and its push: the next start brings it over", async () => {
  const place = createPlace({ ...AS_GRAPH, KGSYNC_DEBOUNCE: "1h", KGSYNC_INTERVAL: "1h" });
  const run = place.serve();
  const client = await connect(run);
  await client.remember("Ann");
  await run.killAll();
  expect(place.kept()).toBeUndefined();
  const again = place.serve();
  expect(await (await connect(again)).graph()).toContain("Ann");
  expect(place.kept()).toBe(place.disk());
  await stop(again);
});
