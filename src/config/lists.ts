import { parseSignal } from "../core/signals.ts";
import type { Kind } from "./field.ts";
import { parsedText } from "./kinds.ts";

/** Which backups come down at start. `latest`: the newest `count` by name. `background`: all, while the app runs already. */
export type BackupsPull =
  | { readonly kind: "all" | "none" | "background" }
  | { readonly kind: "latest"; readonly count: number };

/** `all`, `none`, `background` or `latest:N`. */
export const backupsPull = (): Kind<BackupsPull> =>
  parsedText<BackupsPull>(
    "all | none | background | latest:N with N from 1",
    /^(?:all|none|background|latest:[1-9][0-9]{0,5})$/,
    (text) => {
      if (text === "all" || text === "none" || text === "background") return { value: { kind: text } };
      return { value: { kind: "latest", count: Number(text.slice("latest:".length)) } };
    },
  );

/** The signals that a program may catch, and that are not a fault's, a child's or a terminal's own. */
export const CATCHABLE: readonly string[] = ["HUP", "INT", "QUIT", "USR1", "USR2", "ALRM", "TERM", "WINCH", "PWR"];
const NUMBERS: ReadonlySet<number | undefined> = new Set(CATCHABLE.map(parseSignal));

/** Whether the signal with that number is one of them. */
export const isCatchable = (signal: number): boolean => NUMBERS.has(signal);

/** Signals by name, with or without `SIG`, separated by commas; each once. Becomes their numbers. */
export const stopSignals = (): Kind<readonly number[]> =>
  parsedText(
    `names separated by commas, of ${CATCHABLE.join(", ")}`,
    /^(?:SIG)?[A-Z][A-Z0-9]*(?:,(?:SIG)?[A-Z][A-Z0-9]*)*$/,
    (text) => {
      const found = text.split(",").map(parseSignal);
      const signals = found.filter((signal) => signal !== undefined).filter(isCatchable);
      if (signals.length < found.length) return { problem: "names a signal that cannot mean stop" };
      return new Set(signals).size < signals.length ? { problem: "names a signal twice" } : { value: signals };
    },
  );

const parseWords = (text: string): unknown => {
  if (!text.startsWith("[")) return text.split(/ +/);
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** A program and its arguments: words separated by blanks, or a JSON array of texts. No shell has a hand in it. */
export const commandLine = (): Kind<readonly [string, ...string[]]> =>
  parsedText("words separated by blanks, or a JSON array of texts", /^(?! )[^\p{Cc}]+(?<! )$/u, (text) => {
    const words = parseWords(text);
    if (!Array.isArray(words) || !words.every((word) => typeof word === "string")) {
      return { problem: "starts like a JSON array but is not an array of texts" };
    }
    const [program, ...rest] = words;
    return program === undefined || program === "" ? { problem: "names no program" } : { value: [program, ...rest] };
  });
