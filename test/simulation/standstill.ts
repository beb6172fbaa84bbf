import { clockOfTimers } from "../../src/adapters/clock-of-timers.ts";
import type { FileTree } from "../../src/ports/file-tree.ts";
import type { ObjectStore } from "../../src/ports/object-store.ts";
import type { FakeClock } from "../support/fake-clock.ts";
import type { Dice } from "./dice.ts";

/**
 * A machine's own time. While it stands still (SIGSTOP, a suspended host) nothing of it goes on: its timers and the answers to
 * what it asked for wait, and come all at once when it goes on. What is on the wire arrives meanwhile.
 */
export const createStandstill = (clock: FakeClock, dice: Dice) => {
  let waiting: (() => void)[] | undefined;
  const own = clockOfTimers({
    now: clock.now,
    arm: (ms, _hold, fire) => clock.after(ms, () => (waiting === undefined ? fire() : void waiting.push(fire))),
  });
  const heard = async <T>(asked: Promise<T>): Promise<T> => {
    await asked.catch(() => undefined);
    while (waiting !== undefined) {
      const list = waiting;
      await new Promise<void>((resolve) => list.push(resolve));
    }
    return asked;
  };
  /** Disks are slow now and then: what else happens meanwhile comes before or after. */
  const slow = async <T>(act: () => Promise<T>): Promise<T> => {
    if (dice.chance(0.1)) await own.sleep(dice.below(30));
    return heard(act());
  };
  return {
    clock: own,
    store: (store: ObjectStore): ObjectStore => ({
      ...store,
      get: (key, signal) => heard(store.get(key, signal)),
      head: (key, signal) => heard(store.head(key, signal)),
      put: (key, body, mode, options, signal) => heard(store.put(key, body, mode, options, signal)),
      delete: (key, signal) => heard(store.delete(key, signal)),
      list: async function* (prefix, signal) {
        for await (const object of store.list(prefix, signal)) yield heard(Promise.resolve(object));
      },
    }),
    files: (tree: FileTree): FileTree => ({
      ...tree,
      stat: (path) => slow(() => tree.stat(path)),
      read: (path) => slow(() => tree.read(path)),
      write: (path, bytes) => slow(() => tree.write(path, bytes)),
      swap: (path, bytes, expected) => slow(() => tree.swap(path, bytes, expected)),
      remove: (path) => slow(() => tree.remove(path)),
    }),
    standStill: (ms: number): void => {
      waiting = [];
      clock.after(ms, () => {
        const due = waiting ?? [];
        waiting = undefined;
        for (const goOn of due) goOn();
      });
    },
    isStill: (): boolean => waiting !== undefined,
  };
};
