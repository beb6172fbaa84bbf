const ESCAPES = new Map([
  ['"', '"'],
  ["\\", "\\"],
  ["/", "/"],
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
]);
const HEX4 = /[0-9a-fA-F]{4}/y;

// biome-ignore lint/suspicious/noControlCharactersInRegex: RFC 8259 §7 forbids just these in a string
const PLAIN = /[^"\\\u0000-\u001f]*/y;

export type ScannedString =
  | { readonly ok: true; readonly value: string; readonly end: number }
  | { readonly ok: false; readonly what: string; readonly end: number };

/** Reads the string literal whose opening quote stands at `start`; `end` is behind its closing quote, or where it broke. */
export const scanString = (text: string, start: number): ScannedString => {
  let at = start + 1;
  let value = "";
  for (;;) {
    PLAIN.lastIndex = at;
    PLAIN.test(text);
    value += text.slice(at, PLAIN.lastIndex);
    at = PLAIN.lastIndex;
    const stop = text[at];
    if (stop === '"') return { ok: true, value, end: at + 1 };
    if (stop === undefined) return { ok: false, what: "the document ends inside a string", end: at };
    if (stop !== "\\") return { ok: false, what: "a control character stands in a string", end: at };
    const scanned = scanEscape(text, at + 1);
    if (scanned === undefined) return { ok: false, what: "an unknown escape stands in a string", end: at };
    value += scanned.value;
    at = scanned.end;
  }
};

const scanEscape = (text: string, at: number): { readonly value: string; readonly end: number } | undefined => {
  const letter = text[at] ?? "";
  const simple = ESCAPES.get(letter);
  if (simple !== undefined) return { value: simple, end: at + 1 };
  HEX4.lastIndex = at + 1;
  const hex = letter === "u" ? HEX4.exec(text) : null;
  return hex === null ? undefined : { value: String.fromCharCode(Number.parseInt(hex[0], 16)), end: at + 5 };
};
