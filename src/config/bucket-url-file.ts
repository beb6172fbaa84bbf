import { keyProblem } from "../core/key.ts";
import type { BucketPlace } from "./bucket-place.ts";
import { trimSlashes } from "./bucket-prefix.ts";
import type { Parsed } from "./kinds.ts";

const decode = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
};

/** What stands behind `file://`. */
export const parseFileUrl = (rest: string): Parsed<BucketPlace> => {
  if (!rest.startsWith("/")) return { problem: "needs three slashes and an absolute path" };
  const path = decode(rest);
  if (path === undefined) return { problem: "has a % that is not followed by two hexadecimal digits" };
  const below = trimSlashes(path);
  if (below === "") return { problem: "is the root folder" };
  const problem = keyProblem(below);
  return problem === undefined
    ? { value: { scheme: "file", path: `/${below}` } }
    : { problem: `has a path that ${problem}` };
};
