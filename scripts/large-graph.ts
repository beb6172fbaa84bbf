// Writes a graph of a given size, for measurements: many different services in the app's own format. Never whole in memory.
import { closeSync, openSync, writeSync } from "node:fs";
import { sampleGraphBytes } from "../test/support/sample-graph.ts";

const HEAD = '{\n  "version": "1.0.0",\n  "last_updated": "2026-01-01T00:00:00Z",\n  "services": {\n';
const TAIL = '\n  },\n  "patterns": {}\n}\n';

const servicesOf = (seed: number): readonly string[] => {
  const graph: { readonly services: Record<string, unknown> } = JSON.parse(
    new TextDecoder().decode(sampleGraphBytes({ seed, bytes: 1_000_000 })),
  );
  return Object.values(graph.services).map((service) =>
    JSON.stringify(service, undefined, 2).replaceAll("\n", "\n    "),
  );
};

/** About `bytes` bytes at `path`; the same for the same seed. */
export const writeLargeGraph = (path: string, bytes: number, seed = 1): void => {
  const services = servicesOf(seed);
  const file = openSync(path, "w");
  try {
    writeSync(file, HEAD);
    for (let at = 0, n = 0; at < bytes; n++) {
      const round = services.map((text, i) => `    "service_${n}_${i}": ${text}`).join(",\n");
      at += writeSync(file, at === 0 ? round : `,\n${round}`);
    }
    writeSync(file, TAIL);
  } finally {
    closeSync(file);
  }
};
