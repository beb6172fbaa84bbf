import * as z from "zod/mini";
import type { SignalMap } from "../core/signal-rules.ts";
import { FORWARDED, parseSignal, parseTarget, signalName } from "../core/signals.ts";
import type { Kind } from "./field.ts";
import { type Parsed, parsedText } from "./kinds.ts";

const SIDE = "(?:SIG)?[A-Z0-9]+(?:[+-][0-9]+)?";
const FORM = new RegExp(`^${SIDE}:${SIDE}(?:,${SIDE}:${SIDE})*$`);

const parse = (text: string): Parsed<SignalMap> => {
  const map = new Map<number, number>();
  for (const pair of text.split(",")) {
    const [left = "", right = ""] = pair.split(":");
    const from = parseSignal(left);
    const to = parseTarget(right);
    if (from === undefined) return { problem: `maps ${left}, which is no signal` };
    if (!FORWARDED.includes(from)) return { problem: `maps ${signalName(from)}, which kgsync cannot pass on` };
    if (to === undefined) return { problem: `maps to ${right}, which is no signal` };
    if (map.has(from)) return { problem: `maps ${signalName(from)} twice` };
    map.set(from, to);
  }
  return { value: map };
};

/** `TERM:QUIT,HUP:0`, or nothing at all: what the app is sent for what kgsync receives, 0 for nothing. */
export const signalMap = (): Kind<SignalMap> => {
  const accepts = "RECEIVED:SENT pairs separated by commas, names or numbers; SENT may be 0 (nothing) or RTMIN+n";
  const { schema } = parsedText(accepts, FORM, parse);
  return {
    accepts,
    schema: z.pipe(
      z.optional(schema),
      z.transform((found: SignalMap | undefined) => found ?? new Map<number, number>()),
    ),
  };
};
