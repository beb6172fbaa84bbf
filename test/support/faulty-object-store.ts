import { expect } from "vitest";
import { KgsyncError } from "../../src/core/errors.ts";
import type { ObjectStore, PutOutcome } from "../../src/ports/object-store.ts";

type Method = "get" | "head" | "list" | "put" | "delete";

/** `key` is the key, or the prefix of a listing; without one, any call of the method matches. */
type On = { readonly on: Method; readonly key?: string | ((key: string) => boolean) };

/** One fault, for one call. The first of the script that matches a call is played on it, and is then used up. */
export type Fault = On &
  (
    | /** The request never arrives. */ { readonly kind: "lost-request"; readonly error?: KgsyncError }
    /** The request is applied; only its answer is lost. A put answers `unknown`. */
    | { readonly kind: "lost-response"; readonly error?: KgsyncError }
    /** The request leaves when `until` resolves, or never, when the signal aborts first. `reached` tells the test that it stands. */
    | { readonly kind: "stall"; readonly until: Promise<void>; readonly reached?: () => void }
    /** The bucket answers with this error; nothing is applied. */
    | { readonly kind: "error"; readonly error: KgsyncError }
  );

export type FaultyObjectStore = ObjectStore & {
  /** Fails the test when a fault of the script was never played: such a test proves nothing. */
  readonly expectAllPlayed: () => void;
  /** Adds to the script. */
  readonly play: (...faults: readonly Fault[]) => void;
};

const lost = (fault: Fault): KgsyncError =>
  ("error" in fault ? fault.error : undefined) ??
  new KgsyncError("bucket-unavailable", `scripted: ${fault.kind} of ${fault.on}`);

const matches = (fault: Fault, on: Method, key: string): boolean =>
  fault.on === on && (fault.key === undefined || (typeof fault.key === "string" ? fault.key === key : fault.key(key)));

const standUntil = (until: Promise<void>, signal: AbortSignal): Promise<void> =>
  Promise.race([
    until,
    new Promise<void>((_, reject) => {
      const stop = (): void =>
        reject(new KgsyncError("bucket-unavailable", "scripted: stall was aborted", { cause: signal.reason }));
      if (signal.aborted) stop();
      signal.addEventListener("abort", stop, { once: true });
    }),
  ]);

/** Wraps any store and plays a script of faults, one per matching call, in order. */
export const withFaults = (base: ObjectStore, script: readonly Fault[]): FaultyObjectStore => {
  const left = [...script];
  const next = (on: Method, key: string): Fault | undefined => {
    const at = left.findIndex((fault) => matches(fault, on, key));
    return at < 0 ? undefined : left.splice(at, 1)[0];
  };
  /** What happens to a request on its way; returns the error that takes its answer away, if any. */
  const onTheWay = async (on: Method, key: string, signal: AbortSignal): Promise<KgsyncError | undefined> => {
    const fault = next(on, key);
    if (fault === undefined) return undefined;
    if (fault.kind === "lost-request" || fault.kind === "error") throw lost(fault);
    if (fault.kind === "lost-response") return lost(fault);
    fault.reached?.();
    await standUntil(fault.until, signal);
    return undefined;
  };
  const play = async <T>(on: Method, key: string, signal: AbortSignal, call: () => Promise<T>): Promise<T> => {
    const takenAway = await onTheWay(on, key, signal);
    const answer = await call();
    if (takenAway !== undefined) throw takenAway;
    return answer;
  };
  return {
    name: base.name,
    get: (key, signal) => play("get", key, signal, () => base.get(key, signal)),
    peek: (key, limit, signal) => play("get", key, signal, () => base.peek(key, limit, signal)),
    fetch: (key, version, target, signal) => play("get", key, signal, () => base.fetch(key, version, target, signal)),
    head: (key, signal) => play("head", key, signal, () => base.head(key, signal)),
    list: async function* (prefix, signal) {
      const takenAway = await onTheWay("list", prefix, signal);
      if (takenAway !== undefined) throw takenAway;
      yield* base.list(prefix, signal);
    },
    put: async (key, body, mode, options, signal): Promise<PutOutcome> => {
      const asked = left.find((fault) => matches(fault, "put", key))?.kind;
      try {
        return await play("put", key, signal, () => base.put(key, body, mode, options, signal));
      } catch (cause) {
        // To the one who asked, a lost request and a lost answer look the same.
        if (asked === undefined || asked === "error") throw cause;
        return { outcome: "unknown", cause };
      }
    },
    delete: (key, signal) => play("delete", key, signal, () => base.delete(key, signal)),
    close: base.close,
    play: (...faults) => {
      left.push(...faults);
    },
    expectAllPlayed: () => {
      expect(left, "faults that never fired").toEqual([]);
    },
  };
};
