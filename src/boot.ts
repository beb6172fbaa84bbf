#!/usr/bin/env node
// dist/kgsync.cjs: what must happen before anything is imported. The program, ./main.cjs, is another bundle.
import { accessSync, constants, writeSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { runFromCodeCache } from "./adapters/code-cache.ts";
import { listenForSignals } from "./adapters/process-signals.ts";
import { holdWarnings } from "./adapters/process-warnings.ts";
import type { healthSoon } from "./commands/health-soon.ts";

listenForSignals();
holdWarnings();

const COMMANDS = ["run", "watch", "pull", "push", "sync", "status", "exec", "health"];
const MARK = "KGSYNC_STARTED_BY_TINI"; // taken away again before the program or the app can see it

const may = (path: string, mode: number): boolean => {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
};

/** As PID 1, Node reaps no orphans: they stay as zombies until nothing can be started any more. tini takes the place and starts us. */
const giveUpPid1 = (): void => {
  const again = process.env[MARK] !== undefined;
  delete process.env[MARK];
  if (process.pid !== 1 || again || process.execve === undefined) return;
  const inPath = (process.env["PATH"] ?? "").split(":").filter((folder) => folder.startsWith("/"));
  const tini = [__dirname, "/usr/bin", "/sbin", ...inPath]
    .map((folder) => join(folder, "tini"))
    .find((path) => may(path, constants.X_OK));
  if (tini === undefined) return; // still PID 1: the program sees it and warns
  const self = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  process.execve(tini, ["tini", "-s", "--", ...self], { ...process.env, [MARK]: "1" });
};

giveUpPid1();

/** Another bundle, too; an `import()` would have it compiled with this one. */
const loadHealth = (): typeof healthSoon => createRequire(__filename)("./health.cjs").healthSoon;

declare const KGSYNC_PROGRAM_ID: string; // of the program's text, by the build

/**
 * A command runs the same functions each time, and no others need be loaded for it. So does a kind of bucket, but only the
 * client of S3 is in the program: the others have files, and caches, of their own (src/adapters/load-driver.ts).
 */
const cacheName = (): string => {
  const command = COMMANDS.find((name) => name === process.argv[2]) ?? "other";
  const s3 = command !== "health" && process.env["KGSYNC_BUCKET"]?.startsWith("s3:") === true;
  return `${command}-${s3 ? "s3" : "any"}.${process.version}-${process.arch}.${KGSYNC_PROGRAM_ID}`;
};

// The first run that may write there fills it.
const runProgram = (): void => {
  runFromCodeCache(join(__dirname, "main.cjs"), join(__dirname, "compile-cache", cacheName()));
};

if (process.argv[2] === "health" && process.argv.length === 3)
  void loadHealth()(process.env).then((words) => {
    if (words === undefined) runProgram();
    else {
      writeSync(1, `${words}\n`);
      process.exit(0);
    }
  });
else runProgram();
