import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { KgsyncError } from "../../core/errors.ts";

/** How git ended: `code` is its exit status, null when a signal ended it. `stderr` is cut to what a message needs. */
export type GitRun = { readonly code: number | null; readonly stdout: Buffer; readonly stderr: string };

export type GitCall = {
  readonly signal: AbortSignal;
  /** For its stdin; absent: nothing. An error of the iteration ends git and is thrown. */
  readonly input?: Uint8Array | string | AsyncIterable<Uint8Array | string>;
};

/**
 * Runs git with the arguments to its end, whatever that is. Rejects with `config-invalid` when there is no git, with
 * `bucket-unavailable` after the abort, and with the error of its input.
 */
export type RunGit = (args: readonly string[], call: GitCall) => Promise<GitRun>;

type Env = Readonly<Record<string, string | undefined>>;

const MAX_STDERR = 16_384;

/** Where a git that is missing is told of, and one that is too old. */
export const INSTALL_HINT =
  "Install git 2.30 or later in the image (the package is called git), for git+ssh:// openssh-client too.";

const aborted = (cause: unknown): KgsyncError =>
  new KgsyncError("bucket-unavailable", "git was ended before it had finished", { cause });

/**
 * git in a session of its own: no signal of the app's group reaches it, it has no terminal to ask at, and all that it starts
 * (ssh, helpers) can be ended together. `options` stand before the command, `env` is its whole environment; both are asked for
 * at each call.
 */
export const createRunGit = (
  options: () => readonly string[],
  env: () => Env,
): RunGit & { readonly end: () => void } => {
  const running = new Set<() => void>();
  const run: RunGit = async (args, { signal, input }) => {
    if (signal.aborted) throw aborted(signal.reason);
    const child = start([...options(), ...args], env());
    const kill = (): void => killGroup(child.pid);
    running.add(kill);
    signal.addEventListener("abort", kill, { once: true });
    try {
      const [ended] = await Promise.all([outcome(child), feed(child, input, signal, kill)]);
      if (signal.aborted) throw aborted(signal.reason);
      return ended;
    } finally {
      running.delete(kill);
      signal.removeEventListener("abort", kill);
    }
  };
  return Object.assign(run, {
    end: () => {
      for (const kill of running) kill();
    },
  });
};

const start = (args: readonly string[], env: Env): ChildProcessWithoutNullStreams => {
  try {
    return spawn("git", args, { env, detached: true, stdio: "pipe", cwd: "/" });
  } catch (cause) {
    throw notRunnable(cause); // too long an environment, or a NUL in an argument
  }
};

const notRunnable = (cause: unknown): KgsyncError => {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown";
  const what = code === "ENOENT" ? "is not installed" : `cannot be run: ${code}`;
  return new KgsyncError("config-invalid", `git ${what}; KGSYNC_BUCKET=git+… needs it`, { cause, hint: INSTALL_HINT });
};

const killGroup = (pid: number | undefined): void => {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // nobody is left
  }
};

/** Not `close`: what git leaves behind (a shared ssh connection) may hold its stderr open for ever. */
const outcome = (child: ChildProcessWithoutNullStreams): Promise<GitRun> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let stderr = "";
    let left = 2;
    let code: number | null = null;
    const part = (): void => {
      if (--left > 0) return;
      // A turn later: what it wrote last is in the pipe by then.
      setImmediate(() => {
        child.stderr.destroy();
        resolve({ code, stdout: Buffer.concat(chunks), stderr });
      });
    };
    child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => {
      if (stderr.length < MAX_STDERR) stderr += chunk.toString("utf8");
    });
    child.stdout.once("close", part);
    child.once("exit", (status) => {
      code = status;
      part();
    });
    child.once("error", (error) => {
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
      reject(notRunnable(error));
    });
  });

/** git may end before it has read everything: its exit code says why. */
const feed = async (
  { stdin }: ChildProcessWithoutNullStreams,
  input: GitCall["input"],
  signal: AbortSignal,
  kill: () => void,
): Promise<void> => {
  stdin.on("error", () => undefined);
  if (input === undefined || typeof input === "string" || input instanceof Uint8Array) {
    stdin.end(input ?? "");
    return;
  }
  try {
    for await (const piece of input) {
      signal.throwIfAborted();
      if (stdin.destroyed || !stdin.writable) return;
      if (!stdin.write(piece)) await Promise.race([once(stdin, "drain"), once(stdin, "close")]);
    }
    stdin.end();
  } catch (thrown) {
    kill();
    throw thrown;
  }
};
