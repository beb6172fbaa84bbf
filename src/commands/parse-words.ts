import { KgsyncError } from "../core/errors.ts";
import { type OwnOptions, type ParsedFlags, parseFlags } from "./parse-flags.ts";

/** For commands without a program behind them: options may stand before, between and behind the words. Throws KgsyncError `usage`. */
export const parseWords = (
  command: string,
  args: readonly string[],
  options: OwnOptions,
  most: number,
): ParsedFlags => {
  const end = args.indexOf("--");
  const words: string[] = [];
  const own = new Map<string, string>();
  let flags: ParsedFlags["flags"] = {};
  let left = end === -1 ? args : args.slice(0, end);
  while (left.length > 0) {
    const parsed = parseFlags(command, left, options);
    const twice = [...parsed.own.keys()].find((name) => own.has(name));
    if (twice !== undefined) throw new KgsyncError("usage", `--${twice} is given twice.`);
    for (const [name, value] of parsed.own) own.set(name, value);
    flags = { ...flags, ...parsed.flags };
    const [word, ...rest] = parsed.rest;
    if (word !== undefined) words.push(word);
    left = rest;
  }
  if (end !== -1) words.push(...args.slice(end + 1));
  const extra = words[most];
  if (extra !== undefined && !own.has("help"))
    throw new KgsyncError("usage", `kgsync ${command}: ${JSON.stringify(extra)} is one word too many.`);
  return { flags, own, rest: words };
};
