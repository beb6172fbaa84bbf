import { spawn } from "node:child_process";
import { expect, test } from "vitest";
import { fixture } from "../support/child-box.ts";

const O_NONBLOCK = 0o4000;

/** The small wrapper with pipes as stdin, stdout and stderr, as in `docker run -i`. */
const wrap = (...command: readonly string[]) => {
  const started = spawn(process.execPath, [fixture("small-wrapper.ts"), "/dev/null", ...command], { stdio: "pipe" });
  const ended = new Promise<number | null>((resolve) => started.once("close", (code) => resolve(code)));
  return { started, ended };
};

test("the child's descriptors are our own, and blocking", async () => {
  const script =
    'read line; echo "$line"; for n in 0 1 2; do grep flags /proc/self/fdinfo/$n; done; echo error >&2; exit 6';
  const { started, ended } = wrap("sh", "-c", script);
  let out = "";
  let err = "";
  started.stdout.on("data", (bytes) => (out += bytes));
  started.stderr.on("data", (bytes) => (err += bytes));
  started.stdin.write("typed\n");
  expect(await ended).toBe(6);
  const [typed, ...flags] = out.trimEnd().split("\n");
  expect([typed, err]).toEqual(["typed", "error\n"]);
  expect(flags.map((line) => Number.parseInt(line.split(/\s+/)[1] ?? "", 8) & O_NONBLOCK)).toEqual([0, 0, 0]);
});

test("a slow reader loses nothing of what the child writes", async () => {
  const size = 400_000;
  const { started, ended } = wrap("sh", "-c", `head -c ${size} /dev/zero; echo done >&2`);
  await new Promise((resolve) => started.stdout.once("readable", resolve)); // the pipe is full, and nobody reads yet
  let read = 0;
  started.stdout.on("data", (bytes: Uint8Array) => (read += bytes.length));
  expect(await ended).toBe(0);
  expect(read).toBe(size);
});
