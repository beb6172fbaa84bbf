/** What an app holds: facts with values, and whether it knows the field that older versions of it drop. */
export type View = { readonly facts: ReadonlyMap<string, string>; readonly schema: number | undefined };

export const emptyView: View = { facts: new Map(), schema: undefined };

/** As Amadeus writes it, as far as the rules care. */
export const textOf = ({ facts, schema }: View, at: number): string =>
  JSON.stringify({
    version: "1.0.0",
    last_updated: new Date(1_700_000_000_000 + at).toISOString(),
    ...(schema === undefined ? {} : { schema }),
    services: Object.fromEntries([...facts].map(([name, v]) => [name, { name, v }])),
    patterns: {},
  });

/** `undefined` for what no app could load. */
export const viewOf = (text: string | undefined): View | undefined => {
  try {
    const root: unknown = JSON.parse(text ?? "");
    if (typeof root !== "object" || root === null || !("services" in root)) return undefined;
    const facts = new Map<string, string>();
    for (const [name, service] of Object.entries(root.services ?? {}))
      facts.set(name, typeof service === "object" && service !== null && "v" in service ? String(service.v) : "");
    const schema = "schema" in root && typeof root.schema === "number" ? root.schema : undefined;
    return { facts, schema };
  } catch {
    return undefined;
  }
};
