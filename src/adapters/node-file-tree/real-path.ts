import { realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** The path with every link followed, as far as it exists; the rest as written. Never throws. */
export const findRealPath = (path: string): string => {
  try {
    return realpathSync(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(findRealPath(parent), basename(path));
  }
};
