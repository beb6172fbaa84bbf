import { BAD, MORE, numberEnd, runString, type StringRun, skipSpace, wordEnd } from "./scan-tokens.ts";

/** What a value is, as far as its first byte tells. */
export type ValueKind = "object" | "array" | "string" | "number" | "boolean" | "null";

/**
 * Hears of every value, in the order of the text. `from` and `to` are the token's place in `bytes` (a string's without its
 * quotes); −1 for a string that is too long to be at hand whole. `offset` counts from the start of the document.
 */
export type JsonWatch = {
  readonly key: (bytes: Uint8Array, from: number, to: number, escaped: boolean) => void;
  readonly begin: (kind: ValueKind, offset: number) => void;
  /** Of a string, number or literal, just after its `begin` unless it is long. */
  readonly scalar: (kind: ValueKind, bytes: Uint8Array, from: number, to: number, escaped: boolean) => void;
  /** `holds`: it was an object or list. */
  readonly end: (offset: number, holds: boolean) => void;
};

/** A document that comes in pieces. */
export type JsonScan = {
  /** Takes the next bytes and answers how many of them it is done with: the others are to come again, before what follows. */
  readonly feed: (bytes: Uint8Array) => number;
  /** After the last piece. `rest`: bytes that no `feed` was done with. The first problem, or `undefined`. */
  readonly end: (rest: number) => string | undefined;
};

/** As in `parseJson`: what one of them takes, the other must. */
const MAX_DEPTH = 1000;
/** Tokens up to this length are at hand whole, in bytes. */
const AT_HAND = 65_536;

const [QUOTE, COMMA, COLON, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [
  0x22, 0x2c, 0x3a, 0x5b, 0x5d, 0x7b, 0x7d,
] as const;

type Expected = "value" | "first-value" | "key" | "first-key" | "colon" | "more" | "nothing";

/** Reads JSON (RFC 8259) without keeping it, as strictly as `parseJson` does. That it is UTF-8 is the caller's to check. */
export const createJsonScan = (watch: JsonWatch): JsonScan => {
  const isObject = new Uint8Array(MAX_DEPTH + 2);
  const run: StringRun = { kind: "closed", end: 0, escaped: false };
  let bytes: Uint8Array = new Uint8Array(0);
  let at = 0;
  let done = 0;
  let depth = 0;
  let expected: Expected = "value";
  let inside: "key" | "string" | undefined;
  let problem: string | undefined;

  const refuse = (what: string): boolean => {
    problem = `${what} (at byte ${done + at})`;
    return false;
  };

  const finishValue = (holds: boolean): boolean => {
    watch.end(done + at, holds);
    expected = depth === 0 ? "nothing" : "more";
    return true;
  };

  const open = (object: boolean): boolean => {
    watch.begin(object ? "object" : "array", done + at);
    at++;
    isObject[++depth] = object ? 1 : 0;
    expected = object ? "first-key" : "first-value";
    return true;
  };

  const close = (byte: number): boolean => {
    const wanted = isObject[depth] === 1 ? CLOSE_OBJECT : CLOSE_LIST;
    if (byte !== wanted) return refuse(`\`,\` or \`${String.fromCharCode(wanted)}\` is missing`);
    at++;
    depth--;
    return finishValue(true);
  };

  const endString = (what: "key" | "string", from: number): boolean => {
    const { end, escaped } = run;
    inside = undefined;
    at = end + 1;
    if (what === "key") {
      watch.key(bytes, from, end, escaped);
      expected = "colon";
      return true;
    }
    watch.scalar("string", bytes, from, end, escaped);
    return finishValue(false);
  };

  const badString = (): boolean => {
    at = run.end;
    return refuse("a control character or an unknown escape stands in a string");
  };

  /** From its opening quote. A short one waits for its end; a long one is gone through as it comes. */
  const string = (what: "key" | "string"): boolean => {
    runString(bytes, at + 1, run);
    if (run.kind === "bad") return badString();
    if (run.kind === "open" && bytes.length - at < AT_HAND) return false;
    if (what === "string") watch.begin("string", done + at);
    if (run.kind === "closed") return endString(what, at + 1);
    inside = what;
    at = run.end;
    return false;
  };

  const goOnInside = (what: "key" | "string"): boolean => {
    runString(bytes, at, run);
    if (run.kind === "bad") return badString();
    if (run.kind === "closed") return endString(what, -1);
    at = run.end;
    return false;
  };

  const token = (kind: ValueKind, end: number): boolean => {
    if (end === BAD) return refuse("not a JSON value");
    if (end === MORE) return bytes.length - at < AT_HAND ? false : refuse("a number is too long");
    watch.begin(kind, done + at);
    watch.scalar(kind, bytes, at, end, false);
    at = end;
    return finishValue(false);
  };

  const value = (byte: number): boolean => {
    if (depth > MAX_DEPTH) return refuse(`nested deeper than ${MAX_DEPTH} levels`);
    switch (byte) {
      case OPEN_OBJECT:
      case OPEN_LIST:
        return open(byte === OPEN_OBJECT);
      case QUOTE:
        return string("string");
      case 0x74:
        return token("boolean", wordEnd(bytes, at, "true"));
      case 0x66:
        return token("boolean", wordEnd(bytes, at, "false"));
      case 0x6e:
        return token("null", wordEnd(bytes, at, "null"));
      default:
        return token("number", numberEnd(bytes, at));
    }
  };

  const key = (byte: number): boolean => (byte === QUOTE ? string("key") : refuse("a key in double quotes is missing"));

  /** Over one byte, to what must follow it. */
  const goOn = (to: Expected): boolean => {
    at++;
    expected = to;
    return true;
  };

  /** One step of the grammar; false when it needs bytes that are not there yet, or there is a problem. */
  const step = (byte: number): boolean => {
    switch (expected) {
      case "first-value":
        return byte === CLOSE_LIST ? close(byte) : value(byte);
      case "value":
        return value(byte);
      case "first-key":
        return byte === CLOSE_OBJECT ? close(byte) : key(byte);
      case "key":
        return key(byte);
      case "colon":
        return byte === COLON ? goOn("value") : refuse("`:` is missing after a key");
      case "more":
        return byte === COMMA ? goOn(isObject[depth] === 1 ? "key" : "value") : close(byte);
      case "nothing":
        return refuse("text after the end of the document");
    }
  };

  return {
    feed: (piece) => {
      if (problem !== undefined) return piece.length;
      bytes = piece;
      at = 0;
      let goesOn = true;
      while (goesOn && at < bytes.length) {
        if (inside !== undefined) goesOn = goOnInside(inside);
        else {
          at = skipSpace(bytes, at);
          goesOn = at < bytes.length && step(bytes[at] ?? 0);
        }
      }
      done += at;
      return problem === undefined ? at : piece.length;
    },
    end: (rest) => {
      if (problem !== undefined) return problem;
      return rest === 0 && expected === "nothing" ? undefined : `the document ends too early (at byte ${done + rest})`;
    },
  };
};
