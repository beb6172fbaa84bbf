const QUOTE = 0x22;
const BACKSLASH = 0x5c;

const tableOf = (chars: string): Uint8Array => {
  const table = new Uint8Array(256);
  for (const char of chars) table[char.charCodeAt(0)] = 1;
  return table;
};

const DIGIT = tableOf("0123456789");
const HEX = tableOf("0123456789abcdefABCDEF");
const ESCAPE = tableOf('"\\/bfnrtu');
/** The first byte from `at` on that is no white space; the length, if there is none. */
export const skipSpace = (bytes: Uint8Array, at: number): number => {
  const { length } = bytes;
  let i = at;
  for (; i < length; i++) {
    const byte = bytes[i];
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return i;
  }
  return i;
};

/** The token goes on behind the end of the buffer, or is none. */
export const MORE = -1;
export const BAD = -2;

const digitsEnd = (bytes: Uint8Array, at: number): number => {
  let i = at;
  while (i < bytes.length && DIGIT[bytes[i] ?? 0] === 1) i++;
  if (i === bytes.length) return MORE;
  return i === at ? BAD : i;
};

/** Where the number ends that starts at `at` (RFC 8259 §6), MORE or BAD. */
export const numberEnd = (bytes: Uint8Array, at: number): number => {
  const from = bytes[at] === 0x2d ? at + 1 : at;
  let i = bytes[from] === 0x30 && from + 1 < bytes.length ? from + 1 : digitsEnd(bytes, from);
  if (i < 0) return i;
  if (bytes[i] === 0x2e) i = digitsEnd(bytes, i + 1);
  if (i < 0) return i;
  if ((bytes[i] ?? 0) === 0x65 || bytes[i] === 0x45) {
    const sign = bytes[i + 1] === 0x2b || bytes[i + 1] === 0x2d ? 1 : 0;
    i = digitsEnd(bytes, i + 1 + sign);
  }
  return i;
};

/** Where the word ends that starts at `at`, MORE or BAD. */
export const wordEnd = (bytes: Uint8Array, at: number, word: string): number => {
  for (let n = 0; n < word.length; n++) {
    if (at + n >= bytes.length) return MORE;
    if (bytes[at + n] !== word.charCodeAt(n)) return BAD;
  }
  return at + word.length;
};

/** Where the escape ends whose backslash stands at `at`, MORE or BAD. */
const escapeEnd = (bytes: Uint8Array, at: number): number => {
  const letter = bytes[at + 1];
  if (letter === undefined) return MORE;
  if (ESCAPE[letter] !== 1) return BAD;
  if (letter !== 0x75) return at + 2;
  if (at + 6 > bytes.length) return MORE;
  for (let i = at + 2; i < at + 6; i++) if (HEX[bytes[i] ?? 0] !== 1) return BAD;
  return at + 6;
};

/** Up to where the buffer holds whole characters of UTF-8 (RFC 3629 §3). */
const wholeEnd = (bytes: Uint8Array): number => {
  let lead = bytes.length - 1;
  while (lead > bytes.length - 4 && lead > 0 && ((bytes[lead] ?? 0) & 0xc0) === 0x80) lead--;
  const first = bytes[lead] ?? 0;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
  return lead + length > bytes.length ? lead : bytes.length;
};

/**
 * How far a string goes. `closed`: `end` is its closing quote. `open`: it goes on behind the buffer; `end` is where to go on,
 * with no escape or character cut in two. `bad`: at `end` stands what must not be in a string.
 */
export type StringRun = { kind: "closed" | "open" | "bad"; end: number; escaped: boolean };

/** Where plain characters end: at the quote, a backslash, or what RFC 8259 §7 forbids. */
const plainEnd = (bytes: Uint8Array, at: number): number => {
  const { length } = bytes;
  let i = at;
  for (; i < length; i++) {
    const byte = bytes[i] ?? 0;
    if (byte === QUOTE || byte === BACKSLASH || byte < 0x20) return i;
  }
  return i;
};

/** Goes on in a string from `at` on, behind its opening quote; the answer is in `run`, which is used again and again. */
export const runString = (bytes: Uint8Array, at: number, run: StringRun): void => {
  let i = at;
  run.escaped = false;
  for (;;) {
    i = plainEnd(bytes, i);
    if (i >= bytes.length) {
      run.kind = "open";
      run.end = Math.max(at, wholeEnd(bytes));
      return;
    }
    if (bytes[i] !== BACKSLASH) {
      run.kind = bytes[i] === QUOTE ? "closed" : "bad";
      run.end = i;
      return;
    }
    run.escaped = true;
    const end = escapeEnd(bytes, i);
    if (end < 0) {
      run.kind = end === MORE ? "open" : "bad";
      run.end = i;
      return;
    }
    i = end;
  }
};
