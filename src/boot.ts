#!/usr/bin/env node
// dist/kgsync.cjs: what must happen before anything is imported. The program, ./main.mjs, is another bundle.
import { accessSync, constants, existsSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { join } from "node:path";
import { listenForSignals } from "./adapters/process-signals.ts";
import { holdWarnings } from "./adapters/process-warnings.ts";

listenForSignals();
holdWarnings();

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
  const tini = ["/usr/bin", "/sbin", ...inPath]
    .map((folder) => join(folder, "tini"))
    .find((path) => may(path, constants.X_OK));
  if (tini === undefined) return; // still PID 1: the program sees it and warns
  const self = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  process.execve(tini, ["tini", "-s", "--", ...self], { ...process.env, [MARK]: "1" });
};

giveUpPid1();
// Compiled code beside the bundle saves a third of the start. The first run that may write there fills it.
const cache = join(__dirname, "compile-cache");
if (existsSync(cache) || may(__dirname, constants.W_OK)) enableCompileCache(cache);
const program = "./main.mjs";
void import(program);
