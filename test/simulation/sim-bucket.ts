import { createMemoryBucket, createMemoryObjectStore } from "../../src/adapters/memory-object-store.ts";
import { KgsyncError } from "../../src/core/errors.ts";
import { key } from "../../src/core/key.ts";
import type { Clock } from "../../src/ports/clock.ts";
import type { ObjectStore, PutMode, PutOutcome } from "../../src/ports/object-store.ts";
import type { Dice } from "./dice.ts";
import type { Told } from "./oracle.ts";
import { createOnlyOn, newestOf, versionOf } from "./sim-versions.ts";

export type Faults = {
  lostAnswers: number;
  lostRequests: number;
  errors: number;
  stalls: number;
  late: number;
  outages: number;
};

type Options = {
  readonly dice: Dice;
  /** Of the world: what is on the wire travels on, whoever is paused. */
  readonly wire: Clock;
  /** `by`: whose request it was. */
  /** The bucket honours creates only, and all use it so. */
  readonly createOnly?: boolean;
  readonly onGraph: (text: string, told: Told, by: string) => void;
};

const GRAPH = "knowledge_graph.json";
const toldBy = (metadata: Readonly<Record<string, string>>): Told => {
  const [epoch, ancestors] = [metadata["kgsync-epoch"], metadata["kgsync-ancestors"] ?? ""];
  return { epoch: epoch === undefined ? undefined : Number(epoch), ancestors: ancestors.split(",") };
};

/** No request arrives later. */
export const LATEST_MS = 15_000;
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** One bucket for all, on a network that delays, loses, and repeats nothing. `calm`: from then on it only delays. */
export const createSimBucket = ({ dice, wire, createOnly = false, onGraph }: Options) => {
  const bucket = createMemoryBucket();
  /** Whether such a put makes a version of the graph, and not a mirror or an end of one. */
  const isNew = (name: string, { mode }: PutMode): boolean =>
    createOnly ? versionOf(name) === GRAPH && mode === "create" : name === GRAPH;
  const faults: Faults = { lostAnswers: 0, lostRequests: 0, errors: 0, stalls: 0, late: 0, outages: 0 };
  let calm = false;
  let downUntil = 0;
  /** Most late requests are seconds late, some outlive whole runs. */
  const lateBy = (): number => dice.below(dice.chance(0.7) ? 3000 : LATEST_MS);
  const isDown = (): boolean => !calm && wire.now().mono < downUntil;

  /** `arrived`: its put of the graph is applied, and it has no answer yet. */
  const storeFor = (by: string, arrived: () => void): ObjectStore => {
    const inner = createMemoryObjectStore(bucket);
    const down = (what: string): KgsyncError => new KgsyncError("bucket-unavailable", `simulated: ${what}`);
    const travel = (signal: AbortSignal): Promise<void> => wire.sleep(dice.chance(0.7) ? 1 : dice.below(120), signal);
    const call = async <T>(signal: AbortSignal, act: (signal: AbortSignal) => Promise<T>): Promise<T> => {
      const luck = calm ? 1 : dice.fraction();
      await travel(signal);
      if (isDown() || luck < 0.02) {
        faults.errors += 1;
        throw down("503");
      }
      if (luck < 0.03) {
        faults.stalls += 1;
        await wire.sleep(86_400_000, signal);
        throw down("stall");
      }
      if (signal.aborted) throw down("aborted");
      const answer = await act(signal);
      await travel(signal);
      return answer;
    };
    const put: ObjectStore["put"] = async (name, body, mode, options, signal): Promise<PutOutcome> => {
      const forever = new AbortController().signal;
      const bytes = body instanceof Uint8Array ? body : await body.read(0, body.size);
      const arrive = async (): Promise<PutOutcome> => {
        const stored = await inner.put(name, bytes, mode, options, forever);
        if (isNew(name, mode) && stored.outcome === "stored") onGraph(decode(bytes), toldBy(options.metadata), by);
        return stored;
      };
      const luck = calm ? 1 : dice.fraction();
      await travel(signal);
      if (luck < 0.03) {
        faults.lostRequests += 1;
        return { outcome: "unknown", cause: down("lost request") };
      }
      if (luck < 0.06) {
        faults.late += 1;
        wire.after(lateBy(), () => void arrive());
        return { outcome: "unknown", cause: down("late") };
      }
      if (isDown() || luck < 0.08) {
        faults.errors += 1;
        throw down("503, nothing done");
      }
      const stored = await arrive();
      if (isNew(name, mode) && stored.outcome === "stored") arrived();
      if (luck < 0.12) {
        faults.lostAnswers += 1;
        return { outcome: "unknown", cause: down("lost answer") };
      }
      await travel(signal);
      return signal.aborted ? { outcome: "unknown", cause: down("aborted") } : stored;
    };
    const store: ObjectStore = {
      ...inner,
      name: "sim:",
      put,
      get: (key, signal) => call(signal, (s) => inner.get(key, s)),
      head: (key, signal) => call(signal, (s) => inner.head(key, s)),
      list: async function* (prefix, signal) {
        await call(signal, async () => undefined);
        yield* inner.list(prefix, signal);
      },
      delete: (key, signal) => call(signal, (s) => inner.delete(key, s)),
    };
    return createOnly ? createOnlyOn(store) : store;
  };
  const text = (name: string): string | undefined => {
    const body = createOnly ? newestOf(bucket, name) : bucket.objects.get(name)?.body;
    return body === undefined ? undefined : decode(body);
  };
  return {
    createOnly,
    storeFor,
    faults,
    text,
    graph: (): string | undefined => text(GRAPH),
    /** What lies below `.kgsync/conflicts/`. */
    kept: (): ReadonlyMap<string, string> =>
      new Map(
        [...bucket.objects].flatMap(([name, { body }]) =>
          name.startsWith(".kgsync/conflicts/") ? [[name, decode(body)] as const] : [],
        ),
      ),
    /** All objects. */
    all: (): ReadonlyMap<string, string> =>
      new Map([...bucket.objects].map(([name, { body }]) => [name, decode(body)] as const)),
    /** Every request fails for a while. */
    outage: (ms: number): void => {
      faults.outages += 1;
      downUntil = wire.now().mono + ms;
    },
    lateBy,
    isRough: (): boolean => !calm,
    /** Somebody puts a graph there with another tool: no condition, no metadata. */
    upload: (body: string): void => {
      const options = { contentType: "application/json", metadata: {} };
      void createMemoryObjectStore(bucket).put(
        key(GRAPH),
        new TextEncoder().encode(body),
        { mode: "overwrite" },
        options,
        new AbortController().signal,
      );
    },
    calm: (): void => {
      calm = true;
    },
  };
};
