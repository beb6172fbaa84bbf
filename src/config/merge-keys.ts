import * as z from "zod/mini";
import type { Kind } from "./field.ts";
import { type Parsed, parsedText } from "./kinds.ts";

/** By the list's JSON pointer, in which `*` stands for any one step: the keys that tell its elements apart. */
export type MergeKeys = Readonly<Record<string, readonly string[]>>;

const ENTRY = /^((?:\/[^/=;,]+)+)=([^=;,]+(?:,[^=;,]+)*)?$/;
// A name with a blank at its end is in no document: the list would be merged by the usual keys, and nobody told.
const BLANK = /[,=/;] | [,=/;]/;
const FORM = /^\/[^\p{Cc}]*=[^\p{Cc}]*(?<! )$/u;

const parse = (text: string): Parsed<MergeKeys> => {
  if (BLANK.test(text)) return { problem: "has a blank beside a separator" };
  const found = new Map<string, readonly string[]>();
  for (const entry of text.split(";")) {
    const parts = ENTRY.exec(entry);
    const pointer = parts?.[1];
    if (pointer === undefined) return { problem: "has an entry that is not /list=key" };
    if (/~(?![01])/.test(pointer)) return { problem: "has a ~ that is not ~0 or ~1" };
    if (found.has(pointer)) return { problem: "names a list twice" };
    found.set(pointer, parts?.[2]?.split(",") ?? []);
  }
  return { value: Object.fromEntries(found) };
};

/** `/list=key,key;/other=`, or nothing at all. The first entry that fits a list holds. */
export const mergeKeys = (): Kind<MergeKeys> => {
  const accepts =
    "/list=key,key;/lists/*/inner=key+key: JSON pointers with * for any step, each with the keys to try; + joins keys";
  const { schema } = parsedText(accepts, FORM, parse);
  return {
    accepts,
    schema: z.pipe(
      z.optional(schema),
      z.transform((found: MergeKeys | undefined) => found ?? {}),
    ),
  };
};
