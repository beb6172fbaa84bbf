import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { createNodeRandom } from "../../../src/adapters/node-random.ts";
import { claimGeneration } from "../../../src/adapters/owner-lock/claim-generation.ts";
import { createOwnerLock } from "../../../src/adapters/owner-lock/owner-lock.ts";
import { encodeOwner, type OwnerRecord } from "../../../src/adapters/owner-lock/owner-record.ts";
import { whereWeAre } from "../../../src/adapters/owner-lock/where-we-are.ts";
import type { OwnedLock, OwnerLock } from "../../../src/ports/owner-lock.ts";
import { createFakeClock } from "../../support/fake-clock.ts";
import { tempDir } from "../../support/temp-dir.ts";

const never = new AbortController().signal;
const random = createNodeRandom();
const QUICK = { interval: 2, timeout: 10_000 };

const lockIn = (folder: string, name: string, clock = createFakeClock(), answer?: (line: string) => Promise<string>) =>
  createOwnerLock({ folder, name, clock, random, ...(answer === undefined ? {} : { answer }) });

const hold = async (lock: OwnerLock): Promise<OwnedLock> => {
  const outcome = await lock.acquire(never);
  if (outcome.kind !== "held") throw new Error(`held by ${outcome.holder}`);
  onTestFinished(() => outcome.lease.release());
  return outcome.lease;
};

/** The owner of another machine: a record and a heartbeat, and no socket that could be reached from here. */
const plant = async (folder: string, generation: number, change: Partial<OwnerRecord> = {}) => {
  mkdirSync(folder, { recursive: true });
  const record = { id: random.id(), name: "elsewhere", ...(await whereWeAre(folder)), socket: "", ...change };
  writeFileSync(join(folder, `owner.${generation}`), encodeOwner(record));
  const beat = (count: number): void =>
    writeFileSync(join(folder, `owner.${generation}.beat`), `${record.id} ${count}`);
  beat(0);
  return { record, beat };
};

describe("the owner lock", () => {
  test("one holds it, others are told who", async () => {
    const folder = join(tempDir(), "state");
    const lease = await hold(lockIn(folder, "first"));
    expect(await lockIn(folder, "second").acquire(never)).toEqual({ kind: "busy", holder: "first" });
    expect(await lease.stillOurs()).toBe(true);
  });

  test("twenty at once: one wins", async () => {
    const folder = tempDir();
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, index) => lockIn(folder, `${index}`).acquire(never)),
    );
    const held = outcomes.filter((outcome) => outcome.kind === "held");
    expect(held.length).toBe(1);
    expect(await Promise.all(held.map(({ lease }) => lease.stillOurs()))).toEqual([true]);
    await Promise.all(held.map(({ lease }) => lease.release()));
  });

  test("a released lock is free at once, and no longer ours; releasing twice is one release", async () => {
    const folder = tempDir();
    const first = await hold(lockIn(folder, "first"));
    await Promise.all([first.release(), first.release()]);
    expect(await first.stillOurs()).toBe(false);
    const second = await hold(lockIn(folder, "second"));
    expect(second.id).not.toBe(first.id);
    await first.release();
    expect(await second.stillOurs()).toBe(true);
    expect(readdirSync(folder).filter((name) => /^owner\.\d+$/.test(name))).toEqual(["owner.2"]);
  });

  test("waiting: told once who is waited for, and in as soon as it is released", async () => {
    const folder = tempDir();
    const clock = createFakeClock();
    const first = await hold(lockIn(folder, "first"));
    const told: string[] = [];
    const waiting = lockIn(folder, "second", clock).acquireWaiting(never, (holder) => told.push(holder));
    await expect.poll(() => told, QUICK).toEqual(["first"]);
    await clock.advance(5000);
    await first.release();
    let lease: OwnedLock | undefined;
    void waiting.then((result) => {
      lease = result;
    });
    await expect.poll(() => clock.advance(1000).then(() => lease !== undefined), QUICK).toBe(true);
    expect(told).toEqual(["first"]);
    await lease?.release();
  });

  test("waiting ends when it is called off", async () => {
    const folder = tempDir();
    await hold(lockIn(folder, "first"));
    const off = new AbortController();
    const waiting = lockIn(folder, "second").acquireWaiting(off.signal, () => off.abort());
    expect(await waiting).toBeUndefined();
  });

  test("an owner of the same kernel whose socket is gone is dead at once", async () => {
    const folder = tempDir();
    await plant(folder, 7, { socket: "owner-gone.sock" });
    const lease = await hold(lockIn(folder, "next"));
    expect(await lease.stillOurs()).toBe(true);
    expect(readdirSync(folder).filter((name) => name.startsWith("owner.7"))).toEqual([]);
  });

  test("an owner that is stopped accepts and says nothing: it lives", async () => {
    const folder = tempDir();
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(join(folder, "owner-silent.sock"), resolve));
    onTestFinished(() => void silent.close());
    await plant(folder, 1, { socket: "owner-silent.sock", name: "stopped" });
    const clock = createFakeClock();
    const outcome = lockIn(folder, "next", clock).acquire(never);
    await expect.poll(() => clock.pending(), QUICK).toBe(1);
    await clock.advance(1000);
    expect(await outcome).toEqual({ kind: "busy", holder: "stopped" });
  });

  test.each([
    ["of another boot", { boot: "another", socket: "owner-x.sock" }],
    ["of another mount of the volume", { device: "999999", socket: "owner-x.sock" }],
    ["without a socket", { socket: "" }],
    ["of a kernel without boot id", { boot: "", socket: "owner-x.sock" }],
  ])("an owner %s is dead when its heartbeat stood still for 30 s, and not before", async (_, change) => {
    const folder = tempDir();
    await plant(folder, 3, change);
    const clock = createFakeClock();
    let settled = false;
    const outcome = lockIn(folder, "next", clock).acquire(never);
    void outcome.then(() => {
      settled = true;
    });
    await expect.poll(() => clock.pending(), QUICK).toBe(1);
    while (clock.now().mono < 29_000) {
      await clock.advance(1000);
      await expect.poll(() => clock.pending() === 1 || settled, QUICK).toBe(true);
    }
    expect(settled).toBe(false);
    await clock.advance(1000);
    const held = await outcome;
    expect(held.kind).toBe("held");
    if (held.kind === "held") await held.lease.release();
  });

  test("a heartbeat that moves is a living owner, whatever the wall clocks say", async () => {
    const folder = tempDir();
    const { beat } = await plant(folder, 3, { boot: "another" });
    const clock = createFakeClock();
    const outcome = lockIn(folder, "next", clock).acquire(never);
    await expect.poll(() => clock.pending(), QUICK).toBe(1);
    clock.jumpWall(3_600_000);
    await clock.advance(1000);
    await expect.poll(() => clock.pending(), QUICK).toBe(1);
    beat(1);
    await clock.advance(1000);
    expect(await outcome).toEqual({ kind: "busy", holder: "elsewhere" });
  });

  test("a record that cannot be understood is judged by its heartbeat", async () => {
    const folder = tempDir();
    const { beat } = await plant(folder, 3);
    writeFileSync(join(folder, "owner.3"), "{}");
    const clock = createFakeClock();
    const outcome = lockIn(folder, "next", clock).acquire(never);
    await expect.poll(() => clock.pending(), QUICK).toBe(1);
    beat(1);
    await clock.advance(1000);
    expect(await outcome).toEqual({ kind: "busy", holder: "unknown" });
  });

  test("the holder moves its heartbeat every 10 s, until it releases", async () => {
    const folder = tempDir();
    const clock = createFakeClock();
    const lease = await hold(lockIn(folder, "first", clock));
    const beat = (): string => readFileSync(join(folder, "owner.1.beat"), "utf8");
    const first = beat();
    await clock.advance(9_999);
    expect(beat()).toBe(first);
    await clock.advance(1);
    await expect.poll(beat, QUICK).not.toBe(first);
    expect(beat().length).toBe(first.length);
    await expect.poll(() => clock.pending(), QUICK).toBe(1);
    await lease.release();
    expect(clock.pending()).toBe(0);
  });

  test("who was suspended and passed over knows it, and its release harms nobody", async () => {
    const folder = tempDir();
    const clock = createFakeClock();
    const first = await hold(lockIn(folder, "first", clock));
    await plant(folder, 2);
    expect(await first.stillOurs()).toBe(false);
    await first.release();
    expect(readdirSync(folder)).not.toContain("owner.2.released");
  });

  test("a deleted state folder, and the same number taken by another: no longer ours", async () => {
    const folder = tempDir();
    const first = await hold(lockIn(folder, "first"));
    for (const name of readdirSync(folder)) rmSync(join(folder, name));
    expect(await first.stillOurs()).toBe(false);
    await plant(folder, 1);
    expect(await first.stillOurs()).toBe(false);
    await first.release();
    expect(readdirSync(folder)).not.toContain("owner.1.released");
  });

  test("a rival that slept while others came and went wins an old number, and sees that it has lost", async () => {
    const folder = tempDir();
    await plant(folder, 5);
    const { record } = await plant(folder, 9);
    rmSync(join(folder, "owner.9"));
    renameSync(join(folder, "owner.5"), join(folder, "owner.8"));
    expect(await claimGeneration(folder, 6, record)).toBe(false);
    expect(readdirSync(folder)).not.toContain("owner.6");
    expect(readdirSync(folder)).toContain("owner.8");
  });

  test("a folder whose path is too long for a socket has one all the same", async () => {
    const folder = join(tempDir(), "x".repeat(100), "state");
    await hold(lockIn(folder, "first"));
    expect(await lockIn(folder, "second").acquire(never)).toEqual({ kind: "busy", holder: "first" });
    expect(readdirSync(folder).some((name) => name.endsWith(".sock"))).toBe(true);
  });

  test("the holder answers questions over its socket; without a holder there is no answer", async () => {
    const folder = tempDir();
    expect(await lockIn(folder, "asker").ask("health", 30_000, never)).toEqual({ kind: "nobody" });
    const lease = await hold(
      lockIn(folder, "first", createFakeClock(), async (line) => (line === "health" ? "ok" : "?")),
    );
    expect(await lockIn(folder, "asker").ask("health", 30_000, never)).toEqual({ kind: "answer", line: "ok" });
    expect(await lockIn(folder, "asker").ask("id", 30_000, never)).toEqual({ kind: "answer", line: lease.id });
    await lease.release();
    expect(await lockIn(folder, "asker").ask("health", 30_000, never)).toEqual({ kind: "dead" });
  });

  test("an answer may take longer than a question", async () => {
    const folder = tempDir();
    const clock = createFakeClock();
    const { promise, resolve } = Promise.withResolvers<string>();
    let asked = (): void => undefined;
    const heard = new Promise<void>((tell) => {
      asked = tell;
    });
    await hold(
      lockIn(folder, "first", clock, (line) => {
        if (line === "sync") asked();
        return promise;
      }),
    );
    const reply = lockIn(folder, "asker").ask("sync", 600_000, never);
    await heard;
    await clock.advance(60_000);
    resolve("done");
    expect(await reply).toEqual({ kind: "answer", line: "done" });
  });

  test("a caller that says nothing, or too much, does not keep the holder from answering", async () => {
    const folder = tempDir();
    const clock = createFakeClock();
    const lease = await hold(lockIn(folder, "first", clock));
    const name = readdirSync(folder).find((each) => each.endsWith(".sock")) ?? "";
    const mute = connect(join(folder, name));
    const loud = connect(join(folder, name));
    const closed = [mute, loud].map(
      (socket) => new Promise((resolve) => void socket.on("error", () => undefined).on("close", resolve)),
    );
    loud.write("x".repeat(10_000));
    expect(await lockIn(folder, "asker").ask("id", 30_000, never)).toEqual({ kind: "answer", line: lease.id });
    await closed[1];
    await clock.advance(10_000);
    await closed[0];
  });

  test("a folder that cannot be made is an error that names it", async () => {
    const folder = tempDir();
    writeFileSync(join(folder, "file"), "");
    await expect(lockIn(join(folder, "file", "state"), "first").acquire(never)).rejects.toMatchObject({
      name: "KgsyncError",
      code: "disk",
      message: expect.stringContaining(join(folder, "file", "state")),
    });
  });
});
