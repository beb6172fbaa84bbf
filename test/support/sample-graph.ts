import { encodeGraph, type Graph, type Json, type Service } from "../../scripts/go-graph.ts";

/** mulberry32: the same numbers for the same seed, on every machine. Uniform in [0, 1). */
const createNumbers = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
};

const WORDS = (
  "admin analytics asset babel broadcast campaign commerce content crawler finance localization media messaging nexus " +
  "notification pattern product quotes referral scheduler search security talent user wallet waitlist"
).split(" ");
// what a naive encoder gets wrong: HTML escapes, raw non-ASCII, a pair of surrogates, the separators of JavaScript
const TEXTS = ["a <b> & c", "Ọvasabi — dépôt", "knowledge 🧠 graph", "line\u2028end", 'tab\t"quoted"\\'];

const createData = (seed: number) => {
  const next = createNumbers(seed);
  const integer = (limit: number): number => Math.floor(next() * limit);
  const pick = (list: readonly string[]): string => list[integer(list.length)] ?? "";
  const words = (count: number): string[] => [...new Set(Array.from({ length: count }, () => pick(WORDS)))];
  const component = (): Json => ({
    key_components: words(4),
    purpose: `${pick(WORDS)}: ${pick(TEXTS)}`,
    relationship_to_services: `provides ${pick(WORDS)}`,
  });
  const service = (name: string): Service => ({
    name,
    category: "dynamic_services",
    dependencies: words(integer(3)),
    metadata: {
      capabilities: words(integer(4)),
      endpoints: [
        {
          actions: Array.from({ length: 3 + integer(12) }, () => `${pick(WORDS)}_${pick(WORDS)}`),
          description: `Composable ${name} operations endpoint: ${pick(TEXTS)}`,
          method: "POST",
          path: `/api/${name}_ops`,
        },
      ],
      health_check: `/health/${name}`,
      models: Array.from({ length: integer(50) }, () => `${pick(WORDS)}Request`),
      schema: {
        proto_path: `api/protos/${name}/v1/${name}.proto`,
        weight: integer(1000) / 8,
        deprecated: next() < 0.1,
      },
      updated_at: "2025-07-03T21:13:11.3701Z",
      version: "v1",
    },
  });
  return { component, service };
};

export type SampleGraphOptions = {
  readonly seed?: number;
  /** About how long the document becomes: services are added until it is at least that. At least about 3 KB. */
  readonly bytes?: number;
  readonly lastUpdated?: string;
};

/** A graph of the real one's shape: equal options, equal graph. A section is null, as after the app's pruning. */
export const sampleGraph = (options: SampleGraphOptions = {}): Graph => {
  const { seed = 1, bytes = 54_000, lastUpdated = "2025-10-03T00:40:18.443523Z" } = options;
  const { component, service } = createData(seed);
  const graph: Graph = {
    version: "1.0.21",
    last_updated: lastUpdated,
    system_components: { integration_layer: component(), service_platform: component(), token_ecosystem: component() },
    repository_structure: { root_directories: { api: component(), cmd: component(), données: component() } },
    services: {},
    nexus: { core_components: { pattern_registry: component() } },
    patterns: { core_patterns: { name: "", category: "" } },
    database_practices: { architecture: { primary_database: component() } },
    redis_practices: null,
    amadeus_integration: { service_registration: { auto_discovery: true, services_count: 21, success_rate: 0.875 } },
  };
  const services: Record<string, Service> = {};
  let length = encodeGraph(graph).length;
  for (let count = 0; length < bytes; count++) {
    const name = `${WORDS[count % WORDS.length]}${count < WORDS.length ? "" : Math.floor(count / WORDS.length)}`;
    services[name] = service(name);
    length += encodeGraph({ ...graph, services: { [name]: services[name] } }).length - encodeGraph(graph).length;
  }
  return { ...graph, services };
};

/** The same as bytes, exactly as the app would write them. */
export const sampleGraphBytes = (options: SampleGraphOptions = {}): Uint8Array =>
  new TextEncoder().encode(encodeGraph(sampleGraph(options)));
