import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findProgram } from "../../src/adapters/execa-child/find-program.ts";
import { KgsyncError } from "../../src/core/errors.ts";
import { createChildBox } from "../support/child-box.ts";

let box: ReturnType<typeof createChildBox>;
let at: (name: string) => string;
beforeAll(() => {
  box = createChildBox();
  at = (name) => join(box.folder, name);
  mkdirSync(at("folder"));
  writeFileSync(at("plain"), "#!/bin/sh\nexit 0\n", { mode: 0o644 });
  writeFileSync(at("no-interpreter"), "#!/no/such/interpreter\n", { mode: 0o755 });
  writeFileSync(at("no-shebang"), "exit 42\n", { mode: 0o755 });
  writeFileSync(at("script"), "#!/bin/sh\nexit 43\n", { mode: 0o755 });
  chmodSync(at("script"), 0o755);
});
afterAll(() => box.close());

const failure = async (argv: readonly [string, ...string[]], cwd?: string): Promise<KgsyncError> => {
  try {
    await box.start(argv, cwd);
  } catch (error) {
    if (error instanceof KgsyncError) return error;
    throw error;
  }
  throw new Error(`${argv[0]} was started`);
};

type Row = readonly [what: string, command: () => string, exit: number, message: RegExp, cwd?: () => string];
const rows: readonly Row[] = [
  ["a name that is not in PATH", () => "kgsync-no-such-program", 127, /not found in PATH/],
  ["a path that is not there", () => at("absent"), 127, /no such file/],
  ["a path through a file", () => at("plain/x"), 127, /no such file/],
  ["the empty name", () => "", 127, /empty/],
  ["a folder", () => at("folder"), 126, /is a directory/],
  ["a file without x", () => at("plain"), 126, /may not be executed/],
  ["a device", () => "/dev/null", 126, /not a regular file/],
  ["a missing working directory", () => "true", 78, /working directory .*absent does not exist/, () => at("absent")],
  ["a file as working directory", () => "true", 78, /working directory .*plain is no directory/, () => at("plain")],
];

for (const [what, command, exit, message, cwd] of rows) {
  test(`${what} is refused, before and at the start`, async () => {
    const early = findProgram(command(), process.env["PATH"], cwd?.());
    const late = await failure([command()], cwd?.());
    expect(early).toBeInstanceOf(KgsyncError);
    for (const error of [early, late]) expect(error).toMatchObject({ exit, message: expect.stringMatching(message) });
  });
}

test("a missing interpreter is told apart from a missing program", async () => {
  const error = await failure([at("no-interpreter")]);
  expect(error).toMatchObject({ code: "command-not-found", exit: 127 });
  expect(error.message).toMatch(/no-interpreter is there, but its interpreter or dynamic loader is missing/);
  expect(error.cause).toMatchObject({ code: "ENOENT" });
});

test("arguments that are too long say so", async () => {
  const error = await failure(["true", "x".repeat(3_000_000)]);
  expect(error).toMatchObject({ exit: 126, message: expect.stringMatching(/too long \(E2BIG\)/) });
});

test("a script without #! runs by the shell, as execvp does", async () => {
  expect(await (await box.start([at("no-shebang")])).ended).toEqual({ kind: "exited", code: 42 });
});

test("relative commands are taken from the working directory", async () => {
  expect(findProgram("./script", undefined, box.folder)).toBe(at("script"));
  expect(await (await box.start(["./script"], box.folder)).ended).toEqual({ kind: "exited", code: 43 });
});

test("a failed start signals nobody: our own group least of all", async () => {
  let signals = 0;
  const count = (): void => {
    signals += 1;
  };
  process.on("SIGTERM", count);
  try {
    await failure([at("no-interpreter")]);
  } finally {
    process.off("SIGTERM", count);
  }
  expect(signals).toBe(0);
});
