/** Names and values of a query as the SDK keeps them; `null`: a name without a value. */
export type Query = Readonly<Record<string, string | readonly string[] | null>>;

/** RFC 3986 unreserved characters stay; `encodeURIComponent` leaves five more. */
const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (found) => `%${found.charCodeAt(0).toString(16).toUpperCase()}`);

const byCode = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The query, encoded, in the order of its names. `signed`: as Signature Version 4 has it, where every name has a value. */
export const queryText = (query: Query, signed: boolean): string =>
  Object.entries(query)
    .map(([name, value]) => [encode(name), value] as const)
    .sort(([a], [b]) => byCode(a, b)) // by the name alone: `=` comes after `%`
    .flatMap(([name, value]) => {
      if (value === null && !signed) return [name];
      const values = typeof value === "string" || value === null ? [value ?? ""] : value;
      return values
        .map(encode)
        .sort(byCode)
        .map((each) => `${name}=${each}`);
    })
    .join("&");
