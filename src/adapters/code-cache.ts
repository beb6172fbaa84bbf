import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, unlinkSync, writeSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { debuglog } from "node:util";
import { Script } from "node:vm";

const HEAD = "(function (exports, require, module, __filename, __dirname) {";
const TAIL = "\n})";

const read = (path: string): Buffer | undefined => {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
};

/** Whole and durable, since V8 looks at little more than the head of what it is given; and never a failure. */
const write = (path: string, bytes: Uint8Array): void => {
  const temporary = `${path}.${process.pid}`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    const file = openSync(temporary, "wx", 0o644);
    try {
      for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch {
    try {
      unlinkSync(temporary);
    } catch {
      // there is none: the folder may not be written
    }
  }
};

/**
 * Runs a CommonJS file in ASCII like `require`, with the code that an earlier run compiled, which is kept in the file `cache`.
 * Node's own compile cache is made before anything has run and so lacks the body of every function: to compile those again
 * took 70 ms of 550 of a start. A cache of another V8 is refused by V8 and made anew; that it is of this very source is for
 * the caller to see to by its name. It is written when the process ends by itself, where that is permitted. With
 * `NODE_DEBUG=kgsync` a line says whether it was used. `given`: what the file may `require` besides what is installed. Answers
 * what it exports.
 */
export const runFromCodeCache = (
  file: string,
  cache: string,
  given: ReadonlyMap<string, unknown> = new Map(),
): unknown => {
  const cachedData = read(cache);
  const source = HEAD + readFileSync(file, "latin1") + TAIL;
  const script = new Script(source, { filename: file, ...(cachedData === undefined ? {} : { cachedData }) });
  const used = script.cachedDataRejected === false;
  debuglog("kgsync")("code cache %s: %s", cache, used ? "used" : cachedData === undefined ? "absent" : "refused");
  if (!used) process.once("exit", () => write(cache, script.createCachedData()));
  const module = { exports: {} };
  const plain = createRequire(file);
  const require = (name: string): unknown => (given.has(name) ? given.get(name) : plain(name));
  script.runInThisContext()(module.exports, require, module, file, dirname(file));
  return module.exports;
};
