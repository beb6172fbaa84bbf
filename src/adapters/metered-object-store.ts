import { toKgsyncError } from "../core/errors.ts";
import type { BucketOperation, RequestOutcome } from "../core/monitor/happening.ts";
import type { Clock } from "../ports/clock.ts";
import type { Metrics } from "../ports/metrics.ts";
import type { ListedObject, ObjectStore } from "../ports/object-store.ts";

type Told = { readonly outcome?: RequestOutcome; readonly sent?: number; readonly received?: number };

/**
 * Tells of every call: how long it took, what came of it, how many bytes of objects went either way. To stand below the
 * retries, so that each try is one. A listing is one request, from its first row asked for to its end, whatever its pages.
 */
export const createMeteredObjectStore = (inner: ObjectStore, clock: Clock, metrics: Metrics): ObjectStore => {
  const begin = (operation: BucketOperation, signal: AbortSignal) => {
    const { mono } = clock.now();
    const end = ({ outcome = "ok", sent = 0, received = 0 }: Told): void =>
      metrics.note({ type: "request", operation, outcome, ms: clock.now().mono - mono, sent, received });
    return { end, fail: (thrown: unknown, sent = 0) => end({ outcome: outcomeOf(thrown, signal), sent }) };
  };
  const metered = async <T>(
    operation: BucketOperation,
    signal: AbortSignal,
    call: () => Promise<T>,
    told: (answer: T) => Told,
    sent = 0,
  ): Promise<T> => {
    const { end, fail } = begin(operation, signal);
    let answer: T;
    try {
      answer = await call();
    } catch (thrown) {
      fail(thrown, sent);
      throw thrown;
    }
    end({ ...told(answer), sent });
    return answer;
  };
  return {
    name: inner.name,
    get: (key, signal) =>
      metered(
        "get",
        signal,
        () => inner.get(key, signal),
        (object) => (object === undefined ? { outcome: "absent" } : { received: object.body.length }),
      ),
    peek: (key, limit, signal) =>
      metered(
        "get",
        signal,
        () => inner.peek(key, limit, signal),
        (object) => (object === undefined ? { outcome: "absent" } : { received: object.body?.length ?? 0 }),
      ),
    fetch: (key, version, target, signal) =>
      metered(
        "get",
        signal,
        () => inner.fetch(key, version, target, signal),
        (came) => (came === "whole" ? { received: version.size } : { outcome: "conflict" }),
      ),
    head: (key, signal) =>
      metered(
        "head",
        signal,
        () => inner.head(key, signal),
        (meta) => (meta === undefined ? { outcome: "absent" } : {}),
      ),
    list: async function* (prefix, signal): AsyncGenerator<ListedObject> {
      const { end, fail } = begin("list", signal);
      let told = false;
      try {
        yield* inner.list(prefix, signal);
      } catch (thrown) {
        told = true;
        fail(thrown);
        throw thrown;
      } finally {
        if (!told) end({});
      }
    },
    put: (key, body, mode, options, signal) =>
      metered(
        "put",
        signal,
        () => inner.put(key, body, mode, options, signal),
        ({ outcome }) => ({ outcome: outcome === "stored" ? "ok" : outcome }),
        body instanceof Uint8Array ? body.length : body.size,
      ),
    delete: (key, signal) =>
      metered(
        "delete",
        signal,
        () => inner.delete(key, signal),
        () => ({}),
      ),
    close: inner.close,
  };
};

const outcomeOf = (thrown: unknown, signal: AbortSignal): RequestOutcome => {
  if (signal.aborted) return "aborted";
  switch (toKgsyncError(thrown).code) {
    case "bucket-denied":
      return "denied";
    case "bucket-missing":
      return "missing";
    case "bucket-unavailable":
      return "unavailable";
    case "store-unsafe":
      return "unsafe";
    default:
      return "error";
  }
};
