import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { createNodeRandom } from "../../../src/adapters/node-random.ts";
import { createOwnerLock } from "../../../src/adapters/owner-lock/owner-lock.ts";
import { createSystemClock } from "../../../src/adapters/system-clock.ts";
import { tempDir } from "../../support/temp-dir.ts";

const FIXTURE = fileURLToPath(new URL("../../fixtures/hold-owner-lock.ts", import.meta.url));

const start = async (folder: string, name: string) => {
  const child = spawn(process.execPath, [FIXTURE, folder, name], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(child, "exit");
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  const [line] = await once(createInterface(child.stdout), "line");
  return { child, ended, said: String(line) };
};

const here = (folder: string) =>
  createOwnerLock({ folder, name: "here", clock: createSystemClock(), random: createNodeRandom() });

test("after kill -9 the next process owns the files at once", async () => {
  const folder = tempDir();
  const first = await start(folder, "first");
  expect(first.said).toMatch(/^held [0-9a-f]{32}$/);
  const second = await start(folder, "second");
  expect(second.said).toBe("busy first");
  first.child.kill("SIGKILL");
  await first.ended;
  const third = await start(folder, "third");
  expect(third.said).toMatch(/^held [0-9a-f]{32}$/);
  expect(third.said).not.toBe(first.said);
});

test("a stopped process (SIGSTOP) is not dead", async () => {
  const folder = tempDir();
  const first = await start(folder, "first");
  first.child.kill("SIGSTOP");
  expect(await here(folder).acquire(new AbortController().signal)).toEqual({ kind: "busy", holder: "first" });
});

test("the lock keeps no process alive: the holder ends by itself when its work is done", async () => {
  const folder = tempDir();
  const first = await start(folder, "first");
  first.child.stdin.end();
  expect(await first.ended).toEqual([0, null]);
  const outcome = await here(folder).acquire(new AbortController().signal);
  expect(outcome.kind).toBe("held");
  if (outcome.kind === "held") await outcome.lease.release();
});
