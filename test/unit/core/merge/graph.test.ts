import { describe, expect, test } from "vitest";
import { encodeGraph, type Graph, type Json, type Service } from "../../../../scripts/go-graph.ts";
import { checkGraph } from "../../../../src/core/graph.ts";
import { sampleGraph } from "../../../support/sample-graph.ts";
import { mergeTexts } from "./merge-texts.ts";

const base = sampleGraph({ bytes: 12_000 });
const later = "2025-10-05T00:00:00.5Z";
const latest = "2025-10-05T00:00:00.50001Z";
const [first = "", second = ""] = Object.keys(base.services ?? {});

const serviceOf = (graph: Graph, name: string): Service => {
  const found = graph.services?.[name];
  if (found === undefined) throw new Error(`no service ${name}`);
  return found;
};

const withMetadata = (graph: Graph, name: string, change: { readonly [key: string]: Json }): Graph => {
  const service = serviceOf(graph, name);
  return {
    ...graph,
    services: { ...graph.services, [name]: { ...service, metadata: { ...service.metadata, ...change } } },
  };
};

const mergeGraphs = (ours: Graph, theirs: Graph) => {
  const [b, o, t] = [base, { ...ours, last_updated: later }, { ...theirs, last_updated: latest }].map(encodeGraph);
  return mergeTexts(b, o ?? "", t ?? "");
};

const expectGraph = (ours: Graph, theirs: Graph, result: Graph, conflicts: readonly string[] = []): void => {
  const merged = mergeGraphs(ours, theirs);
  expect(merged.conflicts.map(({ pointer, kind }) => `${pointer} ${kind}`)).toEqual(conflicts);
  expect(merged.text).toBe(encodeGraph({ ...result, last_updated: latest }));
  expect(checkGraph(new TextEncoder().encode(merged.text), "amadeus").kind).toBe("valid");
};

describe("graphs of the app's shape", () => {
  test("only the clocks differ: the later document, as it is", () => {
    expect(mergeGraphs(base, base)).toMatchObject({
      text: encodeGraph({ ...base, last_updated: latest }),
      equalTo: "theirs",
      conflicts: [],
    });
  });

  test("versions: the greater", () =>
    expectGraph({ ...base, version: "1.0.100" }, { ...base, version: "1.0.22" }, { ...base, version: "1.0.100" }));

  test("services added, edited and removed on both sides", () => {
    const { [first]: _, ...rest } = base.services ?? {};
    const added = { name: "new", category: "x" };
    expectGraph(
      { ...base, services: { ...rest, new_ours: added } },
      withMetadata({ ...base, services: { ...base.services, new_theirs: added } }, second, { version: "v2" }),
      withMetadata({ ...base, services: { ...rest, new_ours: added, new_theirs: added } }, second, { version: "v2" }),
    );
  });

  test("one service, two of its lists", () =>
    expectGraph(
      withMetadata(base, first, { capabilities: ["one", "two"] }),
      withMetadata(base, first, { models: ["zero"] }),
      withMetadata(base, first, { capabilities: ["one", "two"], models: ["zero"] }),
    ));

  test("one scalar set, edited on both sides", () => {
    const capabilities = ["search", "admin", "index"];
    const was = withMetadata(base, first, { capabilities });
    const texts = [
      was,
      { ...withMetadata(was, first, { capabilities: [...capabilities, "ours"] }), last_updated: later },
      { ...withMetadata(was, first, { capabilities: ["search", "index", "theirs"] }), last_updated: latest },
    ].map(encodeGraph);
    const merged = mergeTexts(texts[0], texts[1] ?? "", texts[2] ?? "");
    const result = withMetadata(was, first, { capabilities: ["search", "index", "theirs", "ours"] });
    expect(merged).toMatchObject({ text: encodeGraph({ ...result, last_updated: latest }), conflicts: [] });
  });

  test("endpoints are told apart by method and path", () => {
    const [endpoint] = (serviceOf(base, first).metadata?.["endpoints"] ?? []) as readonly {
      readonly [key: string]: Json;
    }[];
    if (endpoint === undefined) throw new Error("no endpoint");
    const added = { actions: ["x"], description: "added", method: "GET", path: endpoint["path"] ?? "" };
    expectGraph(
      withMetadata(base, first, { endpoints: [{ ...endpoint, description: "edited" }] }),
      withMetadata(base, first, { endpoints: [endpoint, added] }),
      withMetadata(base, first, { endpoints: [{ ...endpoint, description: "edited" }, added] }),
    );
  });

  test("the app pruned a section to null, another one filled it", () => {
    const filled = { ...base, redis_practices: { cache: { ttl: 60 } } };
    expectGraph({ ...base, redis_practices: {} }, filled, filled);
    expectGraph(
      { ...base, nexus: null },
      { ...base, nexus: { ...base.nexus, more: 1 } },
      { ...base, nexus: { more: 1 } },
    );
  });

  test("a section replaced on both sides", () =>
    expectGraph(
      { ...base, amadeus_integration: { mode: "ours" } },
      { ...base, amadeus_integration: { mode: "theirs", tool: 1 } },
      { ...base, amadeus_integration: { mode: "theirs", tool: 1 } },
      ["/amadeus_integration/mode add/add"],
    ));

  test("a service removed by one and edited by the other stays, and is named", () => {
    const { [first]: _, ...rest } = base.services ?? {};
    const edited = withMetadata(base, first, { version: "v9" });
    expectGraph({ ...base, services: rest }, edited, edited, [`/services/${first} delete/edit`]);
    expectGraph(edited, { ...base, services: rest }, edited, [`/services/${first} delete/edit`]);
  });

  test("without a base nothing is removed", () => {
    const { [first]: gone, ...rest } = base.services ?? {};
    const ours = encodeGraph({ ...base, services: rest, last_updated: later });
    const theirs = encodeGraph({ ...base, redis_practices: { a: 1 }, last_updated: latest });
    const merged = mergeTexts(undefined, ours, theirs);
    expect(gone).toBeDefined();
    expect(merged).toMatchObject({ text: theirs, equalTo: "theirs", conflicts: [] });
    expect(merged.warnings).toEqual(["there is no base: everything that either side has was kept"]);
  });
});
