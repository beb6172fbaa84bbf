/** The graph's text without the field that changes with every save: saves that differ in it alone are none, and not pushed. */
export const withoutClock = (graph: Buffer | undefined): string | undefined =>
  graph?.toString().replace(/"last_updated": "[^"]*"/, "");

/**
 * An app whose last save is a change, and which one is known: when it is told to stop, it rewrites its graph in place with
 * another version number. A shell keeps every other byte as it is.
 */
export const BUMP_COMMAND = [
  "sh",
  "-c",
  `g=amadeus/knowledge_graph.json
  trap 'text=$(sed "2s/1\\.0\\.21/1.0.22/" "$g"); printf %s "$text" >"$g"; echo bumped; exit 0' TERM
  echo up; while :; do sleep 0.05; done`,
] as const;

/** What is to be in the bucket after `BUMP_COMMAND` was stopped. */
export const bumped = (graph: Uint8Array): Buffer =>
  Buffer.from(Buffer.from(graph).toString().replace('"version": "1.0.21"', '"version": "1.0.22"'));
