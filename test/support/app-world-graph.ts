/** A graph's text: one fact per name, so that a test can tell by names what is where; or facts with values. */
export const graphText = (
  facts: readonly string[] | Readonly<Record<string, string>>,
  lastUpdated = "2026-01-01T00:00:00Z",
): string =>
  JSON.stringify({
    last_updated: lastUpdated,
    services: Array.isArray(facts) ? Object.fromEntries(facts.map((name: string) => [name, name])) : facts,
  });

/** `count` names, for graphs that the shrink guard takes for large. */
export const manyNames = (count: number, prefix = "s"): readonly string[] =>
  Array.from({ length: count }, (_, n) => `${prefix}${n}`);

/** The names in a graph; `undefined` for what is no graph. */
export const namesIn = (text: string | undefined): readonly string[] | undefined => {
  try {
    const root: unknown = JSON.parse(text ?? "");
    if (typeof root !== "object" || root === null || !("services" in root)) return undefined;
    return Object.keys(root.services ?? {}).sort();
  } catch {
    return undefined;
  }
};
