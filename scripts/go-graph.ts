// The real app's graph: how its Go program reads it, and the very bytes that it writes (json.MarshalIndent with 2 spaces).

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
type Section = { readonly [key: string]: Json } | null;
export type Service = {
  readonly name: string;
  readonly category: string;
  readonly dependencies?: readonly string[];
  readonly metadata?: { readonly [key: string]: Json };
};

const SECTIONS = [
  "system_components",
  "repository_structure",
  "services",
  "nexus",
  "patterns",
  "database_practices",
  "redis_practices",
  "amadeus_integration",
] as const;
type SectionName = Exclude<(typeof SECTIONS)[number], "services" | "patterns">;

export type Graph = {
  readonly version: string;
  readonly last_updated: string;
  readonly services: Readonly<Record<string, Service>> | null;
  readonly patterns: Readonly<Record<string, Service>> | null;
} & { readonly [Name in SectionName]: Section };

/** A Go struct is a Map here, in the order of its fields; a Go map is an object, and Go sorts its keys by bytes. */
type GoValue = Json | ReadonlyMap<string, GoValue> | { readonly [key: string]: GoValue } | readonly GoValue[];

const escapeHtml = (quoted: string): string =>
  quoted.replace(/[<>&\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);

const quote = (text: string): string => escapeHtml(JSON.stringify(text.toWellFormed()));

const byBytes = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number =>
  Buffer.compare(Buffer.from(a), Buffer.from(b));

const encode = (value: GoValue, indent: string): string => {
  if (typeof value === "string") return quote(value);
  if (value === null || typeof value !== "object") return Object.is(value, -0) ? "-0" : JSON.stringify(value);
  const inner = `${indent}  `;
  const block = (open: string, items: readonly string[], close: string): string =>
    items.length === 0 ? open + close : `${open}\n${inner}${items.join(`,\n${inner}`)}\n${indent}${close}`;
  if (Array.isArray(value))
    return block(
      "[",
      value.map((item: GoValue) => encode(item, inner)),
      "]",
    );
  const entries: [string, GoValue][] = value instanceof Map ? [...value] : Object.entries(value).sort(byBytes);
  return block(
    "{",
    entries.map(([key, item]) => `${quote(key)}: ${encode(item, inner)}`),
    "}",
  );
};

const goServices = (services: Graph["services"]): GoValue => {
  if (services === null) return null;
  const entries = Object.entries(services).map(
    ([key, { name, category, dependencies, metadata }]): [string, GoValue] => {
      const fields = new Map<string, GoValue>([
        ["name", name],
        ["category", category],
      ]);
      if (dependencies !== undefined && dependencies.length > 0) fields.set("dependencies", dependencies); // omitempty
      if (metadata !== undefined && Object.keys(metadata).length > 0) fields.set("metadata", metadata);
      return [key, fields];
    },
  );
  return Object.fromEntries(entries);
};

/** The document as Go writes it: struct order on top, sorted maps below, `<>&` escaped, no newline at the end. */
export const encodeGraph = (graph: Graph): string => {
  const fields = new Map<string, GoValue>([
    ["version", graph.version],
    ["last_updated", graph.last_updated],
  ]);
  for (const name of SECTIONS) {
    fields.set(name, name === "services" || name === "patterns" ? goServices(graph[name]) : graph[name]);
  }
  return encode(fields, "");
};

const isObject = (value: unknown): value is { readonly [key: string]: Json } =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

const section = (value: Json | undefined): Section => {
  if (value === undefined || value === null) return null;
  if (!isObject(value)) throw new Error("a section is no object");
  return value;
};

const service = (value: Json): Service => {
  if (!isObject(value)) throw new Error("a service is no object");
  const { name = "", category = "", dependencies = [], metadata = {} } = value;
  if (typeof name !== "string" || typeof category !== "string") throw new Error("a name is no text");
  const list = dependencies ?? [];
  if (!Array.isArray(list) || list.some((item) => typeof item !== "string")) throw new Error("a dependency is no text");
  return { name, category, dependencies: list.map(String), metadata: section(metadata) ?? {} };
};

const services = (value: Json | undefined): Graph["services"] => {
  const found = section(value);
  return found && Object.fromEntries(Object.entries(found).map(([key, item]) => [key, service(item)]));
};

/** Reads as the app does: unknown fields vanish, and one wrong type anywhere throws. */
export const parseGraph = (text: string): Graph => {
  const found: unknown = JSON.parse(text);
  if (!isObject(found)) throw new Error("the graph is no object");
  const { version = "", last_updated = "" } = found;
  if (typeof version !== "string" || typeof last_updated !== "string") throw new Error("version is no text");
  if (!INSTANT.test(last_updated) || Number.isNaN(Date.parse(last_updated)))
    throw new Error("last_updated is no instant");
  return {
    version,
    last_updated,
    system_components: section(found["system_components"]),
    repository_structure: section(found["repository_structure"]),
    services: services(found["services"]),
    nexus: section(found["nexus"]),
    patterns: services(found["patterns"]),
    database_practices: section(found["database_practices"]),
    redis_practices: section(found["redis_practices"]),
    amadeus_integration: section(found["amadeus_integration"]),
  };
};

/** What the app begins without a word when it cannot read its file. */
export const emptyGraph = (lastUpdated: string): Graph => ({
  version: "1.0.0",
  last_updated: lastUpdated,
  system_components: {},
  repository_structure: {},
  services: {},
  nexus: {},
  patterns: {},
  database_practices: {},
  redis_practices: {},
  amadeus_integration: {},
});
