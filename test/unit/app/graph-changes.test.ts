import { expect, test } from "vitest";
import { AFTER_PUSH_MS, COMPARED_BYTES, createGraphChanges, KEPT_CHANGES } from "../../../src/app/graph-changes.ts";
import { compareGraphs } from "../../../src/core/monitor/graph-change.ts";
import { createFakeClock } from "../../support/fake-clock.ts";

const bytesOf = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

type Compare = (from: Uint8Array, to: Uint8Array) => ReturnType<typeof compareGraphs>;
const COMPARE: Compare = (from, to) => compareGraphs(from, to, {}, (text) => text);

const world = (load: () => Promise<Compare> = async () => COMPARE) => {
  const clock = createFakeClock();
  const state = { calm: true, loads: 0, compared: 0 };
  const changes = createGraphChanges({
    clock,
    load: async () => {
      state.loads += 1;
      const compare = await load();
      return (from, to) => {
        state.compared += 1;
        return compare(from, to);
      };
    },
    isCalm: () => state.calm,
  });
  const push = async (): Promise<void> => {
    changes.pushed();
    await clock.advance(AFTER_PUSH_MS);
  };
  return { clock, state, ...changes, push };
};

test("what a push has brought is told after its answer, never before", async () => {
  const { clock, saw, pushed, list, state } = world();
  saw(bytesOf({ services: { a: 1 } }), 1);
  await clock.advance(1000);
  saw(bytesOf({ services: { a: 1, b: 2 } }), 2);
  pushed();
  await clock.advance(AFTER_PUSH_MS - 1);
  expect(list()).toEqual([]);
  expect(state.loads).toBe(0);
  await clock.advance(1);
  const services = { name: "services", counts: { added: 1, removed: 0, changed: 0 } };
  expect(list()).toEqual([
    {
      at: clock.now().wall - AFTER_PUSH_MS,
      before: 1,
      leaves: 2,
      sections: { list: [{ ...services, names: [{ kind: "added", name: "b" }] }], more: 0 },
    },
  ]);
});

test("a save that differs in nothing, and a push that is tried again, are no change and compared once at most", async () => {
  const { saw, push, list, state } = world();
  saw(bytesOf({ a: 1, last_updated: 1 }), 2);
  for (let n = 0; n < 3; n++) {
    saw(bytesOf({ a: 1, last_updated: 2 }), 2);
    await push();
  }
  expect(list()).toEqual([]);
  expect(state.compared).toBe(1);
});

test("nothing is compared while a start or an end is waited for, and it is made up for later", async () => {
  const { saw, push, list, state } = world();
  state.calm = false;
  saw(bytesOf({ a: 1 }), 1);
  saw(bytesOf({ a: 2 }), 1);
  await push();
  expect([list().length, state.loads]).toEqual([0, 0]);
  state.calm = true;
  await push();
  expect(list()).toHaveLength(1);
});

test("what is seen and pushed while the comparison is being loaded is told, and nothing twice", async () => {
  const { promise, resolve } = Promise.withResolvers<Compare>();
  const { clock, saw, push, list, state } = world(() => promise);
  for (const a of [1, 2, 3]) {
    saw(bytesOf({ a }), a);
    await push();
  }
  expect([list().length, state.loads]).toEqual([0, 2]);
  resolve(COMPARE);
  await clock.advance(0);
  expect(list()).toMatchObject([{ before: 1, leaves: 3 }]);
});

test.each([
  ["cannot be loaded", () => Promise.reject(new Error("no such chunk"))],
  [
    "throws",
    async () => () => {
      throw new RangeError("Maximum call stack size exceeded");
    },
  ],
])("where the comparison %s the counts stand, and the next is tried", async (_, load) => {
  const { saw, push, list, state } = world(load);
  for (const leaves of [1, 2, 3]) {
    saw(bytesOf({ leaves }), leaves);
    await push();
  }
  expect(list()).toMatchObject([
    { before: 1, leaves: 2, sections: undefined },
    { before: 2, leaves: 3, sections: undefined },
  ]);
  expect(state.loads).toBe(2);
});

test("a large graph is not compared, nor kept: its counts stand", async () => {
  const { saw, push, list, state } = world();
  const large = (more: number): Uint8Array => new Uint8Array(COMPARED_BYTES + more);
  saw(large(1), 10);
  saw(large(1), 10);
  await push();
  expect(list()).toEqual([]);
  saw(large(2), 12);
  await push();
  saw(bytesOf({ a: 1 }), 1);
  await push();
  expect(list()).toMatchObject([
    { before: 10, leaves: 12, sections: undefined },
    { before: 12, leaves: 1, sections: undefined },
  ]);
  expect(state.compared).toBe(0);
});

test("only the last are kept", async () => {
  const { saw, push, list } = world();
  for (let n = 0; n < KEPT_CHANGES + 4; n++) {
    saw(bytesOf({ n }), n);
    await push();
  }
  expect(list().map(({ leaves }) => leaves)).toEqual([4, 5, 6, 7, 8]);
});
