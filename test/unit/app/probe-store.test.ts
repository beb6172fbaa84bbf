import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createMemoryObjectStore } from "../../../src/adapters/memory-object-store.ts";
import { createBudget } from "../../../src/app/budget.ts";
import { PROBE_KEY } from "../../../src/app/keys.ts";
import { type ProbeResult, probeStore } from "../../../src/app/probe-store.ts";
import { KgsyncError } from "../../../src/core/errors.ts";
import { etag } from "../../../src/core/version.ts";
import type { ObjectStore, PutMode } from "../../../src/ports/object-store.ts";
import { createFakeClock } from "../../support/fake-clock.ts";

type Change = (store: ObjectStore) => ObjectStore;
type Put = () => ReturnType<ObjectStore["put"]>;
type Outcome = ProbeResult | { readonly rejected: string };

const onPut =
  (answer: (mode: PutMode, put: Put, overwrite: Put) => ReturnType<ObjectStore["put"]>): Change =>
  (store) => ({
    ...store,
    put: (key, body, mode, options, signal) =>
      answer(
        mode,
        () => store.put(key, body, mode, options, signal),
        () => store.put(key, body, { mode: "overwrite" }, options, signal),
      ),
  });

const good: Change = (store) => store;
const ignoring = (which: PutMode["mode"]): Change =>
  onPut((mode, put, overwrite) => (mode.mode === which ? overwrite() : put()));
const refusing = onPut(async (mode, put) => (mode.mode === "update" ? { outcome: "conflict" } : put()));
const rejecting = onPut((mode, put) =>
  mode.mode === "update" ? Promise.reject(new KgsyncError("store-unsafe", "scripted: 501")) : put(),
);
/** Refuses every update, and shows another ETag each time that it is asked. */
const drifting: Change = (store) => {
  let n = 0;
  return {
    ...refusing(store),
    get: async (key, signal) => {
      const found = await store.get(key, signal);
      n += 1;
      return found && { ...found, etag: etag(`drift${n}`) };
    },
  };
};

const probe = async (store: ObjectStore, writer: string): Promise<Outcome> => {
  const budget = createBudget(createFakeClock(), 60_000, 10_000);
  let id = 0;
  const random = { fraction: () => 0, id: () => String(id++) };
  try {
    return await probeStore({ store, writer, random }, budget);
  } catch (thrown) {
    return { rejected: thrown instanceof KgsyncError ? thrown.code : String(thrown) };
  } finally {
    budget.close();
  }
};

/** `count` probers of one store, one request at a time: `choose` says whose is next. */
const probeTogether = async (
  store: ObjectStore,
  count: number,
  choose: (waiting: number) => number,
): Promise<readonly Outcome[]> => {
  const gates: { readonly who: number; readonly open: () => void }[] = [];
  let stands = Promise.withResolvers<void>();
  let moving = count;
  const rest = (): void => {
    moving -= 1;
    if (moving === 0) stands.resolve();
  };
  const gated = (who: number): ObjectStore => {
    const enter = (): Promise<void> =>
      new Promise((open) => {
        gates.push({ who, open });
        rest();
      });
    return {
      ...store,
      get: async (...call) => {
        await enter();
        return store.get(...call);
      },
      put: async (...call) => {
        await enter();
        return store.put(...call);
      },
    };
  };
  const all = Array.from({ length: count }, (_, who) => probe(gated(who), `prober-${who}`).finally(rest));
  for (;;) {
    await stands.promise;
    if (gates.length === 0) return Promise.all(all);
    gates.sort((a, b) => a.who - b.who);
    const [next] = gates.splice(choose(gates.length), 1);
    stands = Promise.withResolvers();
    moving = 1;
    next?.open();
  }
};

/** Every order in which the requests of `count` probers can arrive. */
const everyOrder = async (run: (choose: (waiting: number) => number) => Promise<void>): Promise<number> => {
  let path: { readonly chosen: number; readonly of: number }[] = [];
  for (let runs = 1; ; runs++) {
    const taken: typeof path = [];
    await run((of) => {
      const chosen = path[taken.length]?.chosen ?? 0;
      taken.push({ chosen, of });
      return chosen;
    });
    while (taken.length > 0 && taken.at(-1)?.chosen === (taken.at(-1)?.of ?? 0) - 1) taken.pop();
    const last = taken.pop();
    if (last === undefined) return runs;
    path = [...taken, { ...last, chosen: last.chosen + 1 }];
  }
};

const existing = async (there: boolean): Promise<ObjectStore> => {
  const store = createMemoryObjectStore();
  const options = { contentType: "text/plain", metadata: {} };
  if (there) await store.put(PROBE_KEY, new Uint8Array(1), { mode: "create" }, options, new AbortController().signal);
  return store;
};

const STORES: readonly (readonly [string, Change, Outcome])[] = [
  ["honours conditions", good, "honoured"],
  [
    "ignores If-None-Match",
    ignoring("create"),
    { fault: expect.stringContaining("If-None-Match"), creates: expect.any(Boolean) },
  ],
  [
    "ignores If-Match",
    ignoring("update"),
    { fault: expect.stringContaining("ignored `If-Match`"), creates: expect.any(Boolean) },
  ],
  [
    "refuses every update",
    refusing,
    { fault: expect.stringContaining("refused every update"), creates: expect.any(Boolean) },
  ],
  [
    "refuses them under ETags that change",
    drifting,
    { fault: expect.stringContaining("refused every update"), creates: expect.any(Boolean) },
  ],
  ["rejects the condition of an update", rejecting, { fault: "scripted: 501", creates: true }],
];

describe.each(STORES)("a store that %s", (_, change, expected) => {
  test.each([false, true])("is told as such to two probers, in every order (object there: %s)", async (there) => {
    const runs = await everyOrder(async (choose) => {
      const outcomes = await probeTogether(change(await existing(there)), 2, choose);
      expect(outcomes).toEqual([expected, expected]);
    });
    expect(runs).toBeGreaterThan(5);
  });

  test("and to more of them at once", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 3, max: 12 }),
        fc.boolean(),
        fc.infiniteStream(fc.nat(999)),
        async (count, there, dice) => {
          const choose = (waiting: number): number => dice.next().value % waiting;
          const outcomes = await probeTogether(change(await existing(there)), count, choose);
          expect(outcomes).toEqual(Array.from({ length: count }, () => expected));
        },
      ),
      { numRuns: 60 },
    );
  });
});

/** Nothing but a write of somebody else between our look and our update, each time. */
test("a race that is lost every time is won by somebody: the condition is honoured", async () => {
  const store = createMemoryObjectStore();
  const options = { contentType: "text/plain", metadata: {} };
  let others = 0;
  const late = onPut(async (mode, put) => {
    const body = new TextEncoder().encode(`other ${others++}`);
    if (mode.mode === "update")
      await store.put(PROBE_KEY, body, { mode: "overwrite" }, options, new AbortController().signal);
    return put();
  })(store);
  expect(await probe(late, "us")).toBe("honoured");
});

test.each<[string, (n: number) => boolean]>([
  ["first", (n) => n === 0],
  ["second", (n) => n === 1],
  ["third", (n) => n === 2],
  ["fourth", (n) => n === 3],
])("the %s answer lost: nothing is known", async (_, isLost) => {
  let n = 0;
  const store = onPut(async (_mode, put) => {
    const outcome = await put();
    return isLost(n++) ? { outcome: "unknown", cause: new Error("scripted: no answer") } : outcome;
  })(createMemoryObjectStore());
  expect(await probe(store, "us")).toBe("inconclusive");
});

test("an object that goes away between two requests speaks neither for nor against the store", async () => {
  const plain = createMemoryObjectStore();
  const never = new AbortController().signal;
  const store = onPut(async (mode, put) => {
    if (mode.mode === "update") await plain.delete(PROBE_KEY, never);
    return put();
  })(plain);
  expect(await probe(store, "us")).toBe("inconclusive");
});

test("one that was removed before the second create, as another doctor does, was created rightly", async () => {
  const plain = createMemoryObjectStore();
  const never = new AbortController().signal;
  let n = 0;
  const store = onPut(async (_mode, put) => {
    if (n++ === 1) await plain.delete(PROBE_KEY, never);
    return put();
  })(plain);
  expect(await probe(store, "us")).toBe("honoured");
});
