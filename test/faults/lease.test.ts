import { describe, expect, test } from "vitest";
import { graphPlace } from "../../src/app/keys.ts";
import { LEASE_KEY } from "../../src/app/lease-object.ts";
import { MAX_DURATION_MS } from "../../src/core/duration.ts";
import { KgsyncError } from "../../src/core/errors.ts";
import { key } from "../../src/core/key.ts";
import type { ObjectStore } from "../../src/ports/object-store.ts";
import { createLeaseLab, leaseSeeker, TTL, unreachable } from "../support/lease-lab.ts";
import { pausable } from "../support/pausable-clock.ts";

test("a graph that has a key of its own has the epoch that counts, where the lease is gone", async () => {
  const lab = createLeaseLab();
  const process = lab.world(0).boot();
  const document = graphPlace("merge-jsonl", key("memory.jsonl"));
  const seeker = leaseSeeker(lab.world(0), { ...process, io: { ...process.io, document } });
  await lab
    .world(0)
    .upload("memory.jsonl", "{}\n", undefined, { "kgsync-sha256": "a".repeat(64), "kgsync-epoch": "7" });
  seeker.seek();
  await lab.seconds(0);
  expect(seeker.lines).toEqual(["0 holds epoch 8"]);
});

describe("one holder", () => {
  test("takes a lease that nobody has, and keeps it by three puts in its time to live, and nothing else", async () => {
    const lab = createLeaseLab();
    const one = lab.seeker(0);
    one.seek();
    await lab.seconds(0);
    expect(one.lines).toEqual(["0 holds epoch 1"]);
    one.process.requests.length = 0;
    await lab.seconds(600);
    expect(one.lines).toHaveLength(1);
    expect(one.process.requests).toEqual(Array(60).fill(`put ${LEASE_KEY}`));
  });

  test("another stands by for as long as it lives, and is told who has it", async () => {
    const lab = createLeaseLab();
    const [one, two] = [lab.seeker(0), lab.seeker(1)];
    one.seek();
    await lab.seconds(0);
    two.seek();
    await lab.seconds(1200);
    expect(two.lines).toEqual([]);
    expect(two.process.lines.filter(({ event }) => event === "lease.waiting")).toEqual([
      { level: "warn", event: "lease.waiting", fields: { holder: one.io.writer, epoch: 1 } },
    ]);
    two.abort.abort();
    await lab.seconds(0);
    expect(two.lines).toEqual(["1200 aborted"]);
  });

  test("another that does not stand by has its answer with the next renewal, and writes nothing", async () => {
    const lab = createLeaseLab();
    const [one, two] = [lab.seeker(0), lab.seeker(1)];
    one.seek();
    await lab.seconds(0);
    two.seek({ wait: false, ask: true });
    await lab.seconds(14);
    expect(two.lines).toEqual([expect.stringMatching(/^1[0-3] busy, epoch 1$/)]);
    expect(new Set(two.process.requests)).toEqual(new Set([`get ${LEASE_KEY}`]));
  });

  test("no longer than a start may take, where the renewals are rare", async () => {
    const lab = createLeaseLab();
    const one = leaseSeeker(lab.world(0), lab.world(0).boot(), undefined, 60 * 60_000);
    one.seek();
    await lab.seconds(0);
    const two = lab.seeker(1, { rules: { startTimeout: 60_000 } });
    two.seek({ wait: false });
    await lab.seconds(59);
    expect(two.lines).toEqual([]);
    await lab.seconds(5);
    expect(two.lines).toEqual([expect.stringMatching(/^6\d busy, epoch 1$/)]);
  });

  test("a dead one is followed by another that does not stand by too", async () => {
    const lab = createLeaseLab();
    const [one, two] = [lab.seeker(0), lab.seeker(1)];
    one.seek();
    await lab.seconds(5);
    one.process.gate.kill();
    two.seek({ wait: false });
    await lab.seconds(29);
    expect(two.lines).toEqual([]);
    await lab.seconds(5);
    expect(two.lines).toEqual([expect.stringMatching(/^3\d holds epoch 2$/)]);
  });

  test("a release lets the next one in at its next look, with a later epoch; nothing is ever deleted", async () => {
    const lab = createLeaseLab();
    const [one, two] = [lab.seeker(0), lab.seeker(1)];
    one.seek();
    await lab.seconds(0);
    two.seek();
    await lab.seconds(100);
    const { signal } = new AbortController();
    await lab.world(0).drive(one.held().release(signal));
    expect(lab.lease()).toMatchObject({ holder: one.io.writer, epoch: 1, state: "released" });
    await lab.seconds(3);
    expect(two.lines).toEqual([expect.stringMatching(/^10[0-3] holds epoch 2$/)]);
    expect([...one.process.requests, ...two.process.requests].some((line) => line.startsWith("delete"))).toBe(false);
    one.seek();
    await lab.world(1).drive(two.held().release(signal));
    await lab.seconds(3);
    expect(one.lines.at(-1)).toMatch(/ holds epoch 3$/);
  });
});

describe("a holder that dies", () => {
  test("is followed after its time to live, and not before", async () => {
    const lab = createLeaseLab();
    const [one, two] = [lab.seeker(0), lab.seeker(1)];
    one.seek();
    await lab.seconds(0);
    two.seek();
    await lab.seconds(95); // the last renewal was at 90 s
    one.process.gate.kill();
    await lab.seconds(24);
    expect(two.lines).toEqual([]);
    await lab.seconds(8);
    expect(two.lines).toEqual([expect.stringMatching(/^12\d holds epoch 2$/)]);
  });

  test("is followed by one of many who wait", async () => {
    const lab = createLeaseLab(6);
    const one = lab.seeker(0);
    one.seek();
    await lab.seconds(0);
    const others = [1, 2, 3, 4, 5].map((n) => lab.seeker(n));
    for (const other of others) other.seek();
    await lab.seconds(5);
    one.process.gate.kill();
    await lab.seconds(60);
    expect(others.flatMap(({ lines }) => lines)).toEqual([expect.stringMatching(/^\d+ holds epoch 2$/)]);
    await lab.seconds(60);
    expect(others.flatMap(({ lines }) => lines).filter((line) => line.includes("fenced"))).toEqual([]);
  });

  test("and is started again has its own lease at once, with a later epoch", async () => {
    const lab = createLeaseLab();
    const one = lab.seeker(0);
    one.seek();
    await lab.seconds(50);
    one.process.gate.kill();
    const again = lab.seeker(0);
    again.seek();
    await lab.seconds(0);
    expect(again.lines).toEqual(["50 holds epoch 2"]);
  });

  test("and has lost its state folder waits for its own lease as for any other", async () => {
    const lab = createLeaseLab();
    const one = lab.seeker(0);
    one.seek();
    await lab.seconds(50);
    one.process.gate.kill();
    await lab.world(0).forget();
    const again = lab.seeker(0);
    again.seek();
    await lab.seconds(29);
    expect(again.lines).toEqual([]);
    await lab.seconds(4);
    expect(again.lines).toEqual([expect.stringMatching(/ holds epoch 2$/)]);
  });

  test.each([0, 1, 2].flatMap((at) => (["before", "after", "late"] as const).map((how) => ({ at, how }))))(
    "at step $at of taking it, $how it, has it at once when it is started again",
    async (crash) => {
      const lab = createLeaseLab();
      const one = lab.seeker(0, { crash });
      one.seek();
      await lab.seconds(50);
      one.process.gate.kill();
      const again = lab.seeker(0);
      again.seek();
      await lab.seconds(4);
      expect(again.lines).toEqual([expect.stringMatching(/^5\d holds epoch [12]$/)]);
      await lab.seconds(600);
      expect(again.lines).toHaveLength(1);
    },
  );
});

test("the longest time to live that a setting takes: its own next life, and who comes after a release, do not wait", async () => {
  const lab = createLeaseLab();
  const start = (n: number) => {
    const process = lab.world(n).boot();
    const seeker = leaseSeeker(lab.world(n), process, process.io.clock, MAX_DURATION_MS);
    seeker.seek();
    return seeker;
  };
  const one = start(0);
  await lab.seconds(5);
  one.process.gate.kill();
  const again = start(0);
  await lab.seconds(0);
  expect(again.lines).toEqual(["5 holds epoch 2"]);
  await lab.world(0).drive(again.release());
  const two = start(1);
  await lab.seconds(0);
  expect(two.lines).toEqual([expect.stringMatching(/ holds epoch 3$/)]);
});

describe("answers that do not come", () => {
  test.each(["lost-request", "lost-response"] as const)(
    "%s of the put that takes it: it is taken once",
    async (kind) => {
      const lab = createLeaseLab();
      const one = lab.seeker(0, { faults: [{ on: "put", key: LEASE_KEY, kind }] });
      one.seek();
      await lab.seconds(5);
      expect(one.lines).toEqual([expect.stringMatching(/^[0-5] holds epoch 1$/)]);
      await lab.seconds(600);
      expect(one.lines).toHaveLength(1);
      one.process.expectAllPlayed();
    },
  );

  test.each(["lost-request", "lost-response"] as const)("%s of renewals: nobody notices", async (kind) => {
    const lab = createLeaseLab();
    const one = lab.seeker(0);
    one.seek();
    await lab.seconds(5);
    const two = lab.seeker(1);
    two.seek();
    for (let n = 0; n < 10; n++) {
      one.process.play({ on: "put", key: LEASE_KEY, kind });
      await lab.seconds(25);
    }
    one.process.expectAllPlayed();
    expect([...one.lines.slice(1), ...two.lines]).toEqual([]);
    expect(lab.lease()).toMatchObject({ epoch: 1, state: "held" });
  });

  test.each(["lost-request", "lost-response"] as const)("%s of the release: it is released", async (kind) => {
    const lab = createLeaseLab();
    const one = lab.seeker(0);
    one.seek();
    await lab.seconds(5);
    one.process.play({ on: "put", key: LEASE_KEY, kind });
    await lab.world(0).drive(one.held().release(new AbortController().signal));
    one.process.expectAllPlayed();
    expect(lab.lease()).toMatchObject({ epoch: 1, state: "released" });
    await lab.seconds(600);
    expect(one.lines).toHaveLength(1);
  });

  test("an outage that begins with the release and ends in time: it is released; one that outlasts it is told", async () => {
    const lab = createLeaseLab();
    let down = false;
    const one = lab.seeker(0, { store: unreachable(() => down) });
    one.seek();
    await lab.seconds(5);
    down = true;
    const { signal, cancel } = one.io.clock.timeout(10_000);
    const released = one.held().release(signal);
    await lab.seconds(2);
    expect(lab.lease()).toMatchObject({ state: "held" });
    down = false;
    await lab.world(0).drive(released);
    cancel();
    expect(lab.lease()).toMatchObject({ epoch: 1, state: "released" });

    const two = lab.seeker(1, { store: unreachable(() => down) });
    two.seek();
    await lab.seconds(5);
    down = true;
    const limit = two.io.clock.timeout(10_000);
    const failed = expect(two.held().release(limit.signal)).rejects.toMatchObject({ code: "bucket-unavailable" });
    await lab.seconds(30);
    await failed;
    expect(lab.clock.pending()).toBe(0);
  });

  test("a stop that comes while the put that takes it is on the wire: it is given back", async () => {
    const lab = createLeaseLab();
    let go = (): void => undefined;
    const until = new Promise<void>((resolve) => {
      go = resolve;
    });
    const slow = (store: ObjectStore): ObjectStore => ({
      ...store,
      put: async (key, body, mode, options, signal) => {
        const put = await store.put(key, body, mode, options, signal);
        await until;
        return put;
      },
    });
    const one = lab.seeker(0, { store: slow });
    one.seek();
    await lab.seconds(1);
    one.abort.abort();
    go();
    await lab.seconds(0);
    expect(one.lines).toEqual(["1 aborted"]);
    expect(lab.lease()).toMatchObject({ epoch: 1, state: "released" });
    await lab.seconds(600);
    expect(lab.clock.pending()).toBe(0);
  });

  test("a release while a renewal is on the wire is not undone by it", async () => {
    const lab = createLeaseLab();
    const one = lab.seeker(0);
    one.seek();
    await lab.seconds(5);
    let go = (): void => undefined;
    const until = new Promise<void>((resolve) => {
      go = resolve;
    });
    one.process.play({ on: "put", key: LEASE_KEY, kind: "stall", until });
    await lab.seconds(6);
    const released = one.held().release(new AbortController().signal);
    go();
    await lab.world(0).drive(released);
    one.process.expectAllPlayed();
    expect(lab.lease()).toMatchObject({ epoch: 1, state: "released" });
  });

  test("an outage shorter than the time to live touches nothing, and is told in two lines", async () => {
    const lab = createLeaseLab();
    let down = false;
    const one = lab.seeker(0, { store: unreachable(() => down) });
    one.seek();
    await lab.seconds(20.5);
    down = true;
    await lab.seconds(21);
    down = false;
    await lab.seconds(600);
    expect(one.lines).toHaveLength(1);
    expect(one.process.events().filter((event) => event.startsWith("lease."))).toEqual([
      "lease.held",
      "lease.not-renewed",
      "lease.renewed-again",
    ]);
  });

  test("a longer one fences the holder before anybody else may take it, counted from when it last asked", async () => {
    const lab = createLeaseLab();
    let down = false;
    const one = lab.seeker(0, { store: unreachable(() => down) });
    one.seek();
    await lab.seconds(0);
    const two = lab.seeker(1);
    two.seek();
    await lab.seconds(20.5);
    down = true;
    await lab.seconds(60);
    expect(one.lines[1]).toBe("44 fenced: it could not be renewed in time");
    expect(two.lines).toEqual([expect.stringMatching(/^5\d holds epoch 2$/)]);
    down = false;
    await lab.seconds(600);
    expect(one.lines).toHaveLength(2);
    expect(lab.lease()).toMatchObject({ holder: two.io.writer, epoch: 2 });
  });

  test("a bucket that stays out of reach ends the start; one that says no, at once", async () => {
    const lab = createLeaseLab();
    const away = lab.seeker(0, { store: unreachable(() => true), rules: { startTimeout: 60_000 } });
    const error = new KgsyncError("bucket-denied", "scripted: no");
    const refused = lab.seeker(1, { faults: [{ on: "get", key: LEASE_KEY, kind: "error", error }] });
    away.seek();
    refused.seek();
    await lab.seconds(0);
    expect(refused.lines).toEqual(["0 bucket-denied"]);
    await lab.seconds(50);
    expect(away.lines).toEqual([]);
    await lab.seconds(20);
    expect(away.lines).toEqual([expect.stringMatching(/^6\d bucket-unavailable$/)]);
  });
});

describe("a holder that was paused", () => {
  const begin = async () => {
    const lab = createLeaseLab();
    const world = lab.world(0);
    const frozen = pausable(world.clock);
    const one = leaseSeeker(world, world.boot(), frozen.clock);
    one.seek();
    await lab.seconds(5);
    const two = lab.seeker(1);
    two.seek();
    frozen.pause();
    return { lab, frozen, one, two };
  };

  test("for longer than its time to live finds itself fenced when it wakes, and writes nothing over its successor", async () => {
    const { lab, frozen, one, two } = await begin();
    await lab.seconds(60);
    expect(two.lines).toEqual([expect.stringMatching(/^3\d holds epoch 2$/)]);
    frozen.resume();
    await lab.seconds(0);
    expect(one.lines[1]).toMatch(/^65 fenced: /);
    await lab.seconds(600);
    expect(one.lines).toHaveLength(2);
    expect(two.lines).toHaveLength(1);
    expect(lab.lease()).toMatchObject({ holder: two.io.writer, epoch: 2, state: "held" });
  });

  test("and comes to a put before its timers is fenced by the put's question, once", async () => {
    const { lab, frozen, one } = await begin();
    await lab.seconds(60);
    expect(one.lines).toHaveLength(1);
    expect(one.held().fence.epoch()).toBe(1);
    expect(one.lines[1]).toBe("65 fenced: it could not be renewed in time");
    frozen.resume();
    await lab.seconds(600);
    expect(one.lines).toHaveLength(2);
  });

  test("for less goes on, also where a put asks first", async () => {
    const { lab, frozen, one } = await begin();
    await lab.seconds(17);
    expect(one.held().fence.epoch()).toBe(1);
    frozen.resume();
    await lab.seconds(600);
    expect(one.lines).toHaveLength(1);
  });

  test("for less goes on", async () => {
    const { lab, frozen, one, two } = await begin();
    await lab.seconds(17);
    frozen.resume();
    await lab.seconds(600);
    expect([...one.lines.slice(1), ...two.lines]).toEqual([]);
  });
});

describe("an object that somebody touched", () => {
  test("removed under its holder: it is put again", async () => {
    const lab = createLeaseLab();
    const one = lab.seeker(0);
    one.seek();
    await lab.seconds(5);
    lab.world(0).erase(LEASE_KEY);
    await lab.seconds(60);
    expect(one.lines).toHaveLength(1);
    expect(lab.lease()).toMatchObject({ holder: one.io.writer, epoch: 1, state: "held" });
  });

  test("overwritten under its holder: it is put again, and who waits does not get in between", async () => {
    const lab = createLeaseLab();
    const [one, two] = [lab.seeker(0), lab.seeker(1)];
    one.seek();
    await lab.seconds(5);
    two.seek();
    await lab.world(0).upload(LEASE_KEY, "nonsense");
    await lab.seconds(600);
    expect([...one.lines.slice(1), ...two.lines]).toEqual([]);
    expect(lab.lease()).toMatchObject({ holder: one.io.writer, epoch: 1 });
  });

  test("a damaged one that nobody puts again is taken after a time to live", async () => {
    const lab = createLeaseLab();
    await lab.world(0).upload(LEASE_KEY, '{"format":1,');
    const one = lab.seeker(0);
    one.seek();
    await lab.seconds(29);
    expect(one.lines).toEqual([]);
    await lab.seconds(4);
    expect(one.lines).toEqual([expect.stringMatching(/ holds epoch 1$/)]);
  });

  test("removed or damaged: the epoch of the graph says where to go on", async () => {
    const lab = createLeaseLab();
    const metadata = { "kgsync-sha256": "0".repeat(64), "kgsync-epoch": "41" };
    await lab.world(0).upload("knowledge_graph.json", "{}", undefined, metadata);
    const one = lab.seeker(0);
    one.seek();
    await lab.seconds(0);
    expect(one.lines).toEqual(["0 holds epoch 42"]);
  });

  test("taken away by force: the holder is fenced at its next renewal", async () => {
    const lab = createLeaseLab();
    const one = lab.seeker(0);
    one.seek();
    await lab.seconds(5);
    const forced = { ...lab.lease(), format: 1, state: "released", nonce: "by hand" };
    await lab.world(0).upload(LEASE_KEY, JSON.stringify(forced));
    await lab.seconds(10);
    expect(one.lines[1]).toMatch(/^10 fenced: /);
  });
});

describe("a wish", () => {
  test("reaches the holder at its next renewal, but not before it has had the lease for a time to live, and once in each", async () => {
    const lab = createLeaseLab(3);
    const [one, two, three] = [lab.seeker(0), lab.seeker(1), lab.seeker(2)];
    one.seek();
    await lab.seconds(0);
    two.seek({ ask: true });
    three.seek({ ask: true });
    await lab.seconds(29);
    expect(one.lines).toHaveLength(1);
    await lab.seconds(11);
    expect(one.lines.slice(1)).toEqual([expect.stringMatching(/^3\d wanted by another$/)]);
    await lab.seconds(300);
    expect(one.lines.slice(1)).toEqual(Array(11).fill(expect.stringMatching(/ wanted by another$/)));
    expect([...two.lines, ...three.lines]).toEqual([]);
    expect(lab.lease()).toMatchObject({ holder: one.io.writer, epoch: 1, wanted: { by: two.io.writer } });
    expect(two.process.events().filter((event) => event === "lease.asked")).toHaveLength(1);
  });

  test("of one that went away before it could be granted is not told", async () => {
    const lab = createLeaseLab();
    const [one, two] = [lab.seeker(0), lab.seeker(1)];
    one.seek();
    await lab.seconds(0);
    two.seek({ ask: true });
    await lab.seconds(25);
    two.abort.abort();
    await lab.seconds(35);
    const told = one.lines.length;
    expect(told).toBeLessThanOrEqual(2); // it was there a time to live ago
    await lab.seconds(600);
    expect(one.lines).toHaveLength(told);
  });

  test("of one that went away is followed by that of another who waits", async () => {
    const lab = createLeaseLab(3);
    const [one, two, three] = [lab.seeker(0), lab.seeker(1), lab.seeker(2)];
    one.seek();
    await lab.seconds(0);
    two.seek({ ask: true });
    three.seek({ ask: true });
    await lab.seconds(5);
    two.abort.abort();
    await lab.seconds(60);
    expect(lab.lease()).toMatchObject({ holder: one.io.writer, epoch: 1, wanted: { by: three.io.writer } });
  });

  test("is kept over the release: who gave it up, or waits beside, does not get in between", async () => {
    const lab = createLeaseLab(3);
    const [one, two, three] = [lab.seeker(0), lab.seeker(1), lab.seeker(2)];
    one.seek();
    await lab.seconds(0);
    two.seek({ ask: true });
    await lab.seconds(1);
    three.seek();
    await lab.seconds(49);
    await lab.world(0).drive(one.held().release(new AbortController().signal));
    one.seek();
    await lab.seconds(600);
    expect(two.lines).toEqual([expect.stringMatching(/^5\d holds epoch 2$/)]);
    expect([...one.lines.slice(2), ...three.lines]).toEqual([]);
  });

  test("of one that died does not keep the lease from the others for longer than a time to live", async () => {
    const lab = createLeaseLab();
    const [one, two] = [lab.seeker(0), lab.seeker(1)];
    one.seek();
    await lab.seconds(0);
    two.seek({ ask: true });
    await lab.seconds(50);
    two.process.gate.kill();
    await lab.world(0).drive(one.held().release(new AbortController().signal));
    one.seek();
    await lab.seconds(29);
    expect(one.lines).toHaveLength(2);
    await lab.seconds(5);
    expect(one.lines.at(-1)).toMatch(/ holds epoch 2$/);
  });

  test("that comes while the holder releases is taken along", async () => {
    const lab = createLeaseLab();
    const [one, two] = [lab.seeker(0), lab.seeker(1)];
    one.seek();
    await lab.seconds(11);
    two.seek({ ask: true });
    await lab.seconds(0);
    await lab.world(0).drive(one.held().release(new AbortController().signal));
    expect(lab.lease()).toMatchObject({ state: "released", wanted: { by: two.io.writer } });
  });
});

test("who has abandoned it renews it no more and hears nothing", async () => {
  const lab = createLeaseLab();
  const one = lab.seeker(0);
  one.seek();
  await lab.seconds(5);
  one.held().abandon();
  const before = lab.lease();
  await lab.seconds(TTL);
  expect(one.lines).toHaveLength(1);
  expect(lab.lease()).toEqual(before);
  expect(lab.clock.pending()).toBe(0);
});
