import type { Path } from "../json/pointer.ts";

/** Whether a place is one that the pattern names: a JSON pointer (RFC 6901) in which `*` stands for any one step. */
export const matchesPattern = (pattern: string, at: Path): boolean => {
  const steps = pattern.split("/").slice(1);
  let path = at;
  for (let n = steps.length - 1; n >= 0; n--) {
    const step = steps[n] ?? "";
    if (path === undefined || (step !== "*" && step.replaceAll("~1", "/").replaceAll("~0", "~") !== path.token))
      return false;
    path = path.parent;
  }
  return path === undefined;
};
