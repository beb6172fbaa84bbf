import { join } from "node:path";
import * as errors from "../core/errors.ts";
import { runFromCodeCache } from "./code-cache.ts";

/**
 * Runs `file`, a driver in the bundle's folder: what the build puts in the place of its `import()` (scripts/build.ts). Its
 * compiled code is kept beside the program's, by `id`, the digest of its text. It shares our errors, and nothing else.
 */
export const loadDriver = (folder: string, file: string, id: string): unknown => {
  const cache = `${file.replace(/\.cjs$/, "")}.${process.version}-${process.arch}.${id}`;
  return runFromCodeCache(
    join(folder, file),
    join(folder, "compile-cache", cache),
    new Map([["kgsync:errors", errors]]),
  );
};
