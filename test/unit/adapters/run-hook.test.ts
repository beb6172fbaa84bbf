import { describe, expect, it } from "vitest";
import { createRunHook } from "../../../src/adapters/run-hook.ts";

const run = async (argv: readonly [string, ...string[]], json = "{}", signal = new AbortController().signal) => {
  const said: string[] = [];
  const hook = createRunHook({ PATH: process.env["PATH"] }, (event, words) => said.push(`${event}: ${words}`));
  return { why: await hook(argv, "pulled", json, signal), said };
};

const sh = (script: string): readonly [string, ...string[]] => ["/bin/sh", "-c", script];

describe("a hook", () => {
  it("gets the event by name and as JSON, and what it says comes back, shortened", async () => {
    expect(await run(sh('echo "$HOOK_EVENT"; cat'), '{"a":1}')).toEqual({
      why: undefined,
      said: ['pulled: pulled\n{"a":1}'],
    });
    const { said } = await run(sh("yes x | head -c 1000000"));
    expect(said[0]?.length).toBe("pulled: ".length + 300);
  });

  it.each([
    [sh("exit 3"), "it ended with 3"],
    [sh("kill -9 $$"), "it was ended by SIGKILL"],
    [["/nowhere/at-all"], "it cannot be run: ENOENT"],
    [["/etc/passwd"], "it cannot be run: EACCES"],
    [["/bin/echo", "a\u0000b"], "it cannot be run: ERR_INVALID_ARG_VALUE"],
  ] as const)("%j: %s", async (argv, why) => {
    expect(await run(argv)).toMatchObject({ why });
  });

  it("may end without reading its input, and leave somebody behind with its output open", async () => {
    expect(await run(sh("exec <&-; exit 0"), "x".repeat(1_000_000))).toMatchObject({ why: undefined });
    expect(await run(sh("sleep 1 & exit 0"))).toMatchObject({ why: undefined });
  });

  it("is not begun when there is no time, and killed when the time is up", async () => {
    expect(await run(sh("exit 0"), "{}", AbortSignal.abort())).toMatchObject({
      why: expect.stringContaining("no time"),
    });
    const controller = new AbortController();
    const running = run(sh("sleep 600"), "{}", controller.signal);
    controller.abort();
    expect(await running).toMatchObject({ why: "it took too long and was killed" });
  });
});
