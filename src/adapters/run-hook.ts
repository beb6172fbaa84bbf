import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import type { RunHook } from "../ports/notify.ts";

type Env = Readonly<Record<string, string | undefined>>;

const MAX_OUTPUT = 4096;
const MAX_WORDS = 300;

/** A stranger may read less of its input than it is given. */
const ignore = (): void => undefined;

/**
 * Hooks as programs in a session of their own, so that no signal of the app's group reaches them and all that they started
 * can be ended together. stdout and stderr are pipes to us: what they hold is told by `said`, shortened.
 */
export const createRunHook =
  (env: Env, said: (event: string, words: string) => void): RunHook =>
  ([program, ...args], event, json, signal) =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve("there was no time left for it");
      const child = start(program, args, { ...env, HOOK_EVENT: event });
      if (typeof child === "string") return resolve(child);
      let output = "";
      const gather = (chunk: Buffer): void => {
        if (output.length < MAX_OUTPUT) output += chunk.toString("utf8");
      };
      child.stdout.on("data", gather);
      child.stderr.on("data", gather);
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream.on("error", ignore);
      child.stdin.end(`${json}\n`);
      const kill = (): void => {
        if (child.pid === undefined) return;
        try {
          process.kill(-child.pid, "SIGKILL");
        } catch {
          // nobody is left
        }
      };
      const abort = (): void => {
        kill();
        done("it took too long and was killed");
      };
      const done = (reason: string | undefined): void => {
        signal.removeEventListener("abort", abort);
        for (const stream of [child.stdout, child.stderr]) stream.destroy(); // what it left behind may hold them open
        const words = output.trim().slice(0, MAX_WORDS);
        if (words !== "") said(event, words);
        resolve(reason);
      };
      signal.addEventListener("abort", abort, { once: true });
      child.once("error", (error) => done(`it cannot be run: ${codeOf(error)}`));
      // A turn later: what it wrote last is in the pipe by then.
      child.once("exit", (code, by) => setImmediate(() => done(wellOrWhy(code, by))));
    });

/** Most failures come as an event; too long an environment, or a NUL in an argument, is thrown. */
const start = (program: string, args: readonly string[], env: Env): ChildProcessWithoutNullStreams | string => {
  try {
    return spawn(program, args, { env, detached: true, stdio: "pipe" });
  } catch (thrown) {
    return `it cannot be run: ${thrown instanceof Error ? codeOf(thrown) : "unknown"}`;
  }
};

const wellOrWhy = (code: number | null, by: string | null): string | undefined =>
  code === 0 ? undefined : by === null ? `it ended with ${code}` : `it was ended by ${by}`;

const codeOf = (error: Error): string => ("code" in error && typeof error.code === "string" ? error.code : error.name);
