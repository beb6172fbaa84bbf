/**
 * A parsed JSON value (RFC 8259) that forgets nothing: numbers keep their source text, objects keep the order of their
 * keys and every key is data (`__proto__`, `""`, `"1"`), and each value knows where it stands in the text.
 */
export type JsonNode =
  | {
      readonly kind: "object";
      readonly entries: ReadonlyMap<string, JsonNode>;
      readonly start: number;
      readonly end: number;
    }
  | { readonly kind: "array"; readonly items: readonly JsonNode[]; readonly start: number; readonly end: number }
  | { readonly kind: "string"; readonly value: string; readonly start: number; readonly end: number }
  | { readonly kind: "number"; readonly text: string; readonly start: number; readonly end: number }
  | { readonly kind: "literal"; readonly value: boolean | null; readonly start: number; readonly end: number };

export type JsonObject = Extract<JsonNode, { kind: "object" }>;

export type JsonProblem = { readonly what: string; readonly at: number };

export type JsonParsed =
  | { readonly ok: true; readonly root: JsonNode; readonly duplicates: readonly string[] }
  | { readonly ok: false; readonly problem: JsonProblem };
