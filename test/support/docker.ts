import { spawn } from "node:child_process";

export type DockerAnswer = { readonly code: number; readonly stdout: Buffer; readonly stderr: string };

const collect = async (stream: AsyncIterable<Buffer>): Promise<Buffer> => {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
};

/** Runs any client (`docker`, `docker-compose`) to its end; rejects only when it cannot be started. */
export const runClient = async (
  program: string,
  args: readonly string[],
  options: { readonly input?: Uint8Array; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<DockerAnswer> => {
  const child = spawn(program, args, { stdio: "pipe", env: { ...process.env, ...options.env } });
  const ended = new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 255));
  });
  child.stdin.on("error", () => undefined); // the client ended without reading it all: its exit code tells
  child.stdin.end(options.input ?? "");
  const [code, stdout, stderr] = await Promise.all([ended, collect(child.stdout), collect(child.stderr)]);
  return { code, stdout, stderr: stderr.toString() };
};

/** What `docker ARGS` prints, without the last newline. Rejects with its error output unless it ends with 0. */
export const docker = async (...args: readonly string[]): Promise<string> => {
  const answer = await runClient("docker", args);
  if (answer.code !== 0) throw new Error(`docker ${args.join(" ")}: exit ${answer.code}: ${answer.stderr.trim()}`);
  return answer.stdout.toString().trimEnd();
};
