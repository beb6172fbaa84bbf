import { KgsyncError } from "../core/errors.ts";
import type { Instant } from "../ports/clock.ts";
import type { FileTree } from "../ports/file-tree.ts";
import type { ObjectStore } from "../ports/object-store.ts";
import type { OwnedLock } from "../ports/owner-lock.ts";
import type { Io } from "./io.ts";

/**
 * Nobody takes over before the heartbeat has stood still for 30 s, and whoever was frozen finds a clock moved on: an answer of
 * a moment ago is as good as one of now, which is old too when the write begins. Both clocks must say so: the monotonic one
 * stands still while a machine is suspended.
 */
const STILL_FRESH_MS = 1000;

const isFresh = (seen: Instant, now: Instant): boolean =>
  now.mono - seen.mono < STILL_FRESH_MS && Math.abs(now.wall - seen.wall) < STILL_FRESH_MS;

/**
 * The same ports, asking before every write whether the local files are still ours: a wrapper that was frozen for longer
 * than its heartbeat may stand still must not write behind its successor. `onLost` is called when they are not.
 */
export const ownedIo = (io: Io, lock: OwnedLock, onLost: () => void): Io => {
  let seen: Instant | undefined;
  const check = async (): Promise<void> => {
    const now = io.clock.now();
    if (seen !== undefined && isFresh(seen, now)) return;
    if (await lock.stillOurs()) {
      seen = now;
      return;
    }
    onLost();
    throw new KgsyncError("local-busy", `another kgsync has taken over ${io.paths.state} while this one stood still`);
  };
  const files: FileTree = {
    ...io.files,
    write: async (path, bytes, lasting) => {
      await check();
      return io.files.write(path, bytes, lasting);
    },
    swap: async (path, bytes, expected) => {
      await check();
      return io.files.swap(path, bytes, expected);
    },
    createBelow: async (folder, name, bytes) => {
      await check();
      return io.files.createBelow(folder, name, bytes);
    },
    remove: async (path) => {
      await check();
      return io.files.remove(path);
    },
  };
  const { large: whole } = io;
  const large: Io["large"] = whole && {
    ...whole,
    receive: async (folder, size, bring) => {
      await check();
      return whole.receive(folder, size, bring);
    },
    copy: async (from, to) => {
      await check();
      return whole.copy(from, to);
    },
  };
  const store: ObjectStore = {
    ...io.store,
    put: async (key, body, mode, options, signal) => {
      await check();
      return io.store.put(key, body, mode, options, signal);
    },
    delete: async (key, signal) => {
      await check();
      return io.store.delete(key, signal);
    },
  };
  return { ...io, files, large, store };
};
