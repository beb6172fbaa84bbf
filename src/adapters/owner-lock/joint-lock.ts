import type { OwnedLock } from "../../ports/owner-lock.ts";

/** Several locks that are all held, as one: ours as long as each is, and let go together. */
export const createJointLock = (first: OwnedLock, ...others: readonly OwnedLock[]): OwnedLock => {
  const locks = [first, ...others];
  return {
    id: first.id,
    stillOurs: async () => (await Promise.all(locks.map((lock) => lock.stillOurs()))).every((ours) => ours),
    release: async () => {
      await Promise.all(locks.map((lock) => lock.release()));
    },
  };
};
