import type { Profile, Shape } from "../profile.ts";
import { isRfc3339 } from "../rfc3339.ts";
import { createKeyShapes, type KnownKey } from "./key-shapes.ts";
import type { ValueKind } from "./scan-json.ts";

type Members = Readonly<Record<string, Shape>>;
type FindKey = ReturnType<typeof createKeyShapes>;

/** What the members of an open object or list must be: `finite`, `texts`, records of one kind, or as their keys say. */
type Rule = "finite" | "texts" | { readonly records: FindKey } | { readonly byKey: FindKey } | undefined;

/** What the next value must be. */
type Wanted = Shape | "finite" | { readonly byKey: FindKey } | undefined;

const NEEDS = {
  text: { needed: "string", why: "is not a text", inside: undefined },
  rfc3339: { needed: "string", why: "is not an RFC 3339 time", inside: undefined },
  texts: { needed: "array", why: "is not a list of texts", inside: "texts" },
  object: { needed: "object", why: "is not an object of finite numbers", inside: "finite" },
} as const;

/** Numbers without an exponent and below this length fit a float64. */
const SHORT_NUMBER = 300;

const isFinite64 = (bytes: Uint8Array, from: number, to: number): boolean => {
  let plain = to - from < SHORT_NUMBER;
  for (let i = from; i < to && plain; i++) plain = ((bytes[i] ?? 0) | 0x20) !== 0x65;
  return plain || Number.isFinite(Number(new TextDecoder().decode(bytes.subarray(from, to))));
};

/** The rules of a profile (see `profileProblem`) on a document that goes by once. */
export const createShapeWatch = ({ members }: Profile) => {
  const tables = new Map<Members, FindKey>();
  const tableOf = (of: Members): FindKey => {
    const found = tables.get(of) ?? createKeyShapes(of);
    tables.set(of, found);
    return found;
  };
  const rules: Rule[] = [undefined];
  let wanted: Wanted = { byKey: tableOf(members) };
  let problem: string | undefined;
  let where = "";

  const refuse = (what: string): void => {
    problem ??= `${where} ${what}`;
  };

  const wantedIn = (rule: Rule): Wanted => {
    if (rule === undefined || rule === "finite") return rule;
    if (rule === "texts") return "text";
    return "records" in rule ? { byKey: rule.records } : undefined;
  };

  /** The rule for what is inside the value that begins; refuses what is of the wrong kind. */
  const ruleFor = (kind: ValueKind): Rule => {
    if (wanted === undefined || kind === "null") return undefined;
    if (wanted === "finite") return "finite";
    if (typeof wanted === "string") {
      const { needed, why, inside } = NEEDS[wanted];
      if (kind !== needed) refuse(why);
      return inside;
    }
    if (kind !== "object") refuse("is not an object");
    return "byKey" in wanted ? wanted : { records: tableOf(wanted.mapOf) };
  };

  return {
    /** Answers what is known of a key of the document's own; of any other, nothing. */
    key: (bytes: Uint8Array, from: number, to: number, escaped: boolean): KnownKey | undefined => {
      const rule = rules[rules.length - 1];
      if (typeof rule !== "object" || !("byKey" in rule)) return undefined;
      const known = rule.byKey(bytes, from, to, escaped);
      wanted = known.shape;
      if (rules.length > 2) return undefined;
      where = `/${known.name}`;
      return known;
    },
    begin: (kind: ValueKind): void => {
      const rule = ruleFor(kind);
      if (kind !== "object" && kind !== "array") return;
      rules.push(rule);
      wanted = wantedIn(rule);
    },
    scalar: (kind: ValueKind, bytes: Uint8Array, from: number, to: number, escaped: boolean): void => {
      if (kind === "number" && wanted === "finite" && !isFinite64(bytes, from, to))
        refuse("is not an object of finite numbers");
      if (kind !== "string" || wanted !== "rfc3339") return;
      if (escaped || from < 0 || !isRfc3339(new TextDecoder().decode(bytes.subarray(from, to))))
        refuse("is not an RFC 3339 time");
    },
    /** Of an object or list. What follows a single value is wanted as that was, or has a key. */
    end: (): void => {
      rules.pop();
      wanted = wantedIn(rules[rules.length - 1]);
    },
    problem: (): string | undefined => problem,
  };
};
