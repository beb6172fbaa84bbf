import { keyProblem } from "../core/key.ts";
import type { Parsed } from "./kinds.ts";

/** Without the slashes at its ends. */
export const trimSlashes = (text: string): string => text.replace(/^\/+|\/+$/g, "");

/** A bucket's name and a prefix, from what stands behind `s3://` and its likes. */
export type NameAndPrefix = { readonly name: string; readonly prefix: string };

/** Reads `name/prefix`; the prefix is taken literally, as the AWS CLI takes it. `what`: how the name is called. */
export const nameAndPrefix = (rest: string, name: RegExp, what: string): Parsed<NameAndPrefix> => {
  const slash = rest.indexOf("/");
  const found = slash === -1 ? rest : rest.slice(0, slash);
  if (!name.test(found)) return { problem: `has no valid ${what}` };
  const prefix = slash === -1 ? "" : trimSlashes(rest.slice(slash));
  const problem = prefix === "" ? undefined : keyProblem(prefix);
  return problem === undefined ? { value: { name: found, prefix } } : { problem: `has a prefix that ${problem}` };
};
