import * as z from "zod/mini";
import { DURATION_PATTERN, formatDuration, parseDuration } from "../core/duration.ts";
import type { Kind } from "./field.ts";

/** What a parser of text answers: the value, or why not, to follow the value in a message (`is …`, `has …`). */
export type Parsed<T> = { readonly value: T } | { readonly problem: string };

/** A kind from a parser. `pattern` is for the JSON schema and editors; the parser decides. */
export const parsedText = <T>(accepts: string, pattern: RegExp, parse: (text: string) => Parsed<T>): Kind<T> => ({
  accepts,
  schema: z.pipe(
    z.string().check(z.regex(pattern, { error: "is not of the accepted form" })),
    z.transform((text: string, context) => {
      const parsed = parse(text);
      if ("value" in parsed) return parsed.value;
      context.issues.push({ code: "custom", message: parsed.problem, input: text });
      return z.NEVER;
    }),
  ),
});

/** The same kind, but nothing at all is fine too. */
export const optional = <T>(kind: Kind<T>): Kind<T | undefined> => ({
  accepts: kind.accepts,
  schema: z.optional(kind.schema),
});

/** Milliseconds, from `min` up; with `zero`, what 0 means. */
export const duration = (min: string, zero?: string): Kind<number> => {
  const least = parseDuration(min) ?? 1;
  const accepts = `a duration (500ms, 30s, 5m, 1h) from ${min} to 576h`;
  return parsedText(zero === undefined ? accepts : `${accepts}, or 0 (${zero})`, DURATION_PATTERN, (text) => {
    const ms = parseDuration(text);
    if (ms === undefined) return { problem: "is too long" };
    if (ms === 0 && zero !== undefined) return { value: 0 };
    return ms < least ? { problem: `is shorter than ${formatDuration(least)}` } : { value: ms };
  });
};

/** One of some words. */
export const choice = <const T extends string>(...words: readonly T[]): Kind<T> => ({
  accepts: words.join(" | "),
  schema: z.enum(words, { error: "is not one of these words" }),
});

const TRUTH: Readonly<Record<string, boolean>> = {
  true: true,
  "1": true,
  on: true,
  false: false,
  "0": false,
  off: false,
};

/** Strictly `true`, `false`, `1` or `0`: a guess at "yes" or "TRUE" could switch a guard off. */
export const truth = (): Kind<boolean> =>
  parsedText("true | false | 1 | 0", /^(?:true|false|1|0)$/, (text) => ({ value: TRUTH[text] === true }));

/** The same, or `on` and `off`, where that is how people say it. */
export const onOff = (): Kind<boolean> =>
  parsedText("on | off | true | false | 1 | 0", /^(?:on|off|true|false|1|0)$/, (text) => ({
    value: TRUTH[text] === true,
  }));

/** A whole number between two others. */
export const count = (min: number, max: number): Kind<number> =>
  parsedText(`a whole number from ${min} to ${max}`, /^(?:0|[1-9][0-9]*)$/, (text) =>
    Number(text) >= min && Number(text) <= max ? { value: Number(text) } : { problem: "is out of range" },
  );

// No control character and no blank at the ends: both are how a value looks that was cut or pasted badly.
const LINE = /^(?! )[^\p{Cc}]+(?<! )$/u;

/** One line of text. */
export const line = (accepts: string): Kind<string> => parsedText(accepts, LINE, (text) => ({ value: text }));

/** A path; with `empty`, the empty text is accepted too and means `undefined`: none. */
export const path = (): Kind<string> => line("a path, absolute or from the working directory");
export const pathOrNone = (): Kind<string | undefined> =>
  parsedText(
    "a path, absolute or from the working directory, or nothing at all for none",
    /^(?:(?! )[^\p{Cc}]+(?<! ))?$/u,
    (text) => ({
      value: text === "" ? undefined : text,
    }),
  );
