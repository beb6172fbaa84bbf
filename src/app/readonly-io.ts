import { ERRORS, KgsyncError } from "../core/errors.ts";
import type { Io } from "./io.ts";
import { PROBE_KEY } from "./keys.ts";

const REFUSED = Symbol("nothing is put without the lease");

/** The same ports, of which the bucket takes nothing but the probe: it says what the store is like, and holds no data. */
export const readonlyIo = (io: Io, holder: string): Io => {
  /** As a code that is not tried again: the holder stays. */
  const refuse = (what: string): never => {
    throw new KgsyncError("bucket-denied", `${what} is not to be written: ${holder} holds the lease`, {
      cause: REFUSED,
      hint: ERRORS["lease-busy"].hint,
    });
  };
  return {
    ...io,
    rules: { ...io.rules, history: 0 }, // a version that is not replaced need not be kept
    store: {
      ...io.store,
      put: async (key, body, mode, options, signal) =>
        key === PROBE_KEY ? io.store.put(key, body, mode, options, signal) : refuse(key),
      delete: async (key, signal) => (key === PROBE_KEY ? io.store.delete(key, signal) : refuse(key)),
    },
  };
};

/** Whether it is the refusal above that a step ended by. */
export const isRefusal = (thrown: unknown): boolean => thrown instanceof KgsyncError && thrown.cause === REFUSED;
