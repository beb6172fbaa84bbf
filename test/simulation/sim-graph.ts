/** What an app holds: facts with values, and whether it knows the field that older versions of it drop. */
export type View = { readonly facts: ReadonlyMap<string, string>; readonly schema: number | undefined };

export const emptyView: View = { facts: new Map(), schema: undefined };

/** Every third name's fact lies in a list, told apart by `id`; the others are entries of a map. */
const isListed = (name: string): boolean => name.charCodeAt(name.length - 1) % 3 === 0;

/** As Amadeus writes it, as far as the rules care. */
export const textOf = ({ facts, schema }: View, at: number): string => {
  const entries = [...facts];
  return JSON.stringify({
    version: "1.0.0",
    last_updated: new Date(1_700_000_000_000 + at).toISOString(),
    ...(schema === undefined ? {} : { schema }),
    services: Object.fromEntries(entries.filter(([name]) => !isListed(name)).map(([name, v]) => [name, { name, v }])),
    patterns: {},
    nexus: { notes: entries.filter(([name]) => isListed(name)).map(([id, v]) => ({ id, v })) },
  });
};

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

/** `undefined` for what no app could load. */
export const viewOf = (text: string | undefined): View | undefined => {
  try {
    const root: unknown = JSON.parse(text ?? "");
    if (!isRecord(root) || !isRecord(root["services"])) return undefined;
    const facts = new Map<string, string>();
    for (const [name, service] of Object.entries(root["services"]))
      facts.set(name, isRecord(service) ? String(service["v"]) : "");
    const notes = isRecord(root["nexus"]) ? root["nexus"]["notes"] : undefined;
    for (const note of Array.isArray(notes) ? notes : [])
      if (isRecord(note)) facts.set(String(note["id"]), String(note["v"]));
    return { facts, schema: typeof root["schema"] === "number" ? root["schema"] : undefined };
  } catch {
    return undefined;
  }
};

/** For the trace. */
export const describe = (view: View | undefined): string =>
  view === undefined
    ? "no graph"
    : [...view.facts, ["schema", view.schema ?? "none"]].map(([name, value]) => `${name}=${value}`).join(" ");
