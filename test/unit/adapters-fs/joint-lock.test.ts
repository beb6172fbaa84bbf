import { expect, test } from "vitest";
import { createJointLock } from "../../../src/adapters/owner-lock/joint-lock.ts";
import type { OwnedLock } from "../../../src/ports/owner-lock.ts";

const fake = (id: string) => {
  const state = { ours: true, released: 0 };
  const lock: OwnedLock = {
    id,
    stillOurs: async () => state.ours,
    release: async () => {
      state.released += 1;
    },
  };
  return { lock, state };
};

test("it is ours only as long as each of its locks is", async () => {
  const [one, two] = [fake("one"), fake("two")];
  const joint = createJointLock(one.lock, two.lock);
  expect([joint.id, await joint.stillOurs()]).toEqual(["one", true]);
  for (const { state } of [one, two]) {
    state.ours = false;
    expect(await joint.stillOurs()).toBe(false);
    state.ours = true;
  }
  expect(await joint.stillOurs()).toBe(true);
});

test("all of its locks are let go together", async () => {
  const [one, two] = [fake("one"), fake("two")];
  await createJointLock(one.lock, two.lock).release();
  expect([one.state.released, two.state.released]).toEqual([1, 1]);
});
