import type { FileTree } from "../../src/ports/file-tree.ts";
import type { ObjectStore } from "../../src/ports/object-store.ts";

/**
 * When a process dies: at its nth writing step (from 0: a file written or removed, an object put or deleted). `before`: the
 * step is not done. `after`: it is done, nobody hears of it. `late`: an object's put is on the wire and arrives only after
 * the next process has looked at the graph; a file's step is not done.
 */
export type Crash = { readonly at: number; readonly how: "before" | "after" | "late" };

/** One for each call: a promise that all wait for would keep all that waits alive. */
const never = (): Promise<never> => new Promise(() => undefined);

/** A process's only ways to the world. A dead one reports nothing: its calls never end. */
export const createGate = (crash: Crash | undefined, sendLater: (arrive: () => Promise<unknown>) => void) => {
  let steps = 0;
  let dead = false;
  let tell = (): void => undefined;
  const died = new Promise<void>((resolve) => {
    tell = resolve;
  });
  const read = async <T>(look: () => Promise<T>): Promise<T> => (dead ? never() : look());
  const write = async <T>(act: () => Promise<T>, onWire?: () => Promise<unknown>): Promise<T> => {
    if (dead) return never();
    const step = steps++;
    if (crash === undefined || step < crash.at) return act();
    dead = true;
    if (crash.how === "after") await act().catch(() => undefined); // dead all the same, if that failed
    if (crash.how === "late" && onWire !== undefined) sendLater(onWire);
    tell();
    return never();
  };
  const files = (tree: FileTree): FileTree => ({
    stat: (path) => read(() => tree.stat(path)),
    read: (path) => read(() => tree.read(path)),
    readBelow: (folder, name) => read(() => tree.readBelow(folder, name)),
    open: (folder, name, stamp) => read(() => tree.open(folder, name, stamp)),
    scan: (folder, limit) => read(() => tree.scan(folder, limit)),
    names: (folder) => read(() => tree.names(folder)),
    write: (path, bytes) => write(() => tree.write(path, bytes)),
    swap: (path, bytes, expected) => write(() => tree.swap(path, bytes, expected)),
    createBelow: (folder, name, bytes) => write(() => tree.createBelow(folder, name, bytes)),
    remove: (path) => write(() => tree.remove(path)),
  });
  const store = (inner: ObjectStore): ObjectStore => ({
    ...inner,
    get: (key, signal) => read(() => inner.get(key, signal)),
    head: (key, signal) => read(() => inner.head(key, signal)),
    list: async function* (prefix, signal) {
      if (dead) await never();
      yield* inner.list(prefix, signal);
    },
    put: (key, body, mode, options, signal) =>
      write(
        () => inner.put(key, body, mode, options, signal),
        () => inner.put(key, body, mode, options, new AbortController().signal),
      ),
    delete: (key, signal) => write(() => inner.delete(key, signal)),
  });
  return {
    files,
    store,
    died,
    /** Writing steps so far. */
    steps: () => steps,
    isDead: () => dead,
    /** From now on nothing is done any more: SIGKILL between two steps. */
    kill: (): void => {
      dead = true;
      tell();
    },
  };
};
