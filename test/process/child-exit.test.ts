import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createSpawn } from "../../src/adapters/execa-child/spawn-child.ts";
import { createSystemClock } from "../../src/adapters/system-clock.ts";
import { exitCodeOf } from "../../src/core/child-status.ts";
import { signalName } from "../../src/core/signals.ts";
import { alive, createChildBox } from "../support/child-box.ts";

let box: ReturnType<typeof createChildBox>;
beforeAll(() => {
  box = createChildBox();
});
afterAll(() => box.close());

const all = Array.from({ length: 256 }, (_, code) => code);

test.each([0, 32, 64, 96, 128, 160, 192, 224])(
  "the exit codes from %i on, 32 at once, are the child's own",
  async (from) => {
    const batch = all.slice(from, from + 32);
    const statuses = await Promise.all(
      batch.map(async (code) => (await box.start(["sh", "-c", `exit ${code}`])).ended),
    );
    expect(statuses).toEqual(batch.map((code) => ({ kind: "exited", code })));
    expect(statuses.map(exitCodeOf)).toEqual(batch);
  },
);

// all whose default is to end the process (signal(7)), the faults among them
const FATAL = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 24, 25, 26, 27, 29, 30, 31];

test.each(FATAL.map((signal) => [signalName(signal), signal] as const))(
  "a death by %s is 128 + %i",
  async (_, signal) => {
    const child = await box.start(["sh", "-c", `ulimit -c 0; kill -${signal} $$; sleep 60`]);
    const status = await child.ended;
    expect(status).toEqual({ kind: "signaled", signal });
    expect(exitCodeOf(status)).toBe(128 + signal);
  },
);

// A limit that docs/signals.md names. When this fails, Node tells such a death apart, and we can.
test("a death by a real-time signal is told by Node as an exit with 0", async () => {
  const child = await box.start(["sh", "-c", "kill -34 $$; sleep 60"]);
  expect(await child.ended).toEqual({ kind: "exited", code: 0 });
});

test("the child has the given environment, nothing else, and the given folder", async () => {
  process.env["KGSYNC_SECRET_OF_OURS"] = "1";
  const env = { PATH: process.env["PATH"] ?? "", GIVEN: "yes", REPORT: join(box.folder, "env") };
  const spawn = createSpawn({ clock: createSystemClock(), terminal: { kind: "none" } });
  const child = await spawn({ argv: ["sh", "-c", 'env >"$REPORT"; pwd >>"$REPORT"; exit 7'], cwd: "/", env });
  expect(await child.ended).toEqual({ kind: "exited", code: 7 });
  const lines = readFileSync(env.REPORT, "utf8").trimEnd().split("\n");
  expect(lines.at(-1)).toBe("/");
  expect(lines).toContain("GIVEN=yes");
  expect(lines.join()).not.toContain("KGSYNC_SECRET_OF_OURS");
  delete process.env["KGSYNC_SECRET_OF_OURS"];
});

test("a grandchild that holds our output does not delay the end", async () => {
  const child = await box.start(["sh", "-c", 'sleep 600 & echo "$!" >>"$REPORT"; exit 9']);
  expect(await child.ended).toEqual({ kind: "exited", code: 9 });
  const grandchild = Number(child.lines()[0]);
  expect(alive(grandchild)).toBe(true); // it still holds it
  await child.endGroup(10_000);
  expect(alive(grandchild)).toBe(false);
});
