import { createMemoryBucket, createMemoryObjectStore } from "../../src/adapters/memory-object-store.ts";
import { nodeSha256, nodeSha256Stream } from "../../src/adapters/node-sha256.ts";
import { createBudget } from "../../src/app/budget.ts";
import { finalPush } from "../../src/app/final-push.ts";
import type { Io, Rules } from "../../src/app/io.ts";
import { graphPlace } from "../../src/app/keys.ts";
import { type Pushed, type Pushing, pushAll } from "../../src/app/push-all.ts";
import { startAll } from "../../src/app/start-all.ts";
import { checkGraph } from "../../src/core/graph.ts";
import { key } from "../../src/core/key.ts";
import { mergeRequest } from "../../src/core/merge/merge-request.ts";
import type { State } from "../../src/core/state.ts";
import { parseState } from "../../src/core/state-format.ts";
import type { FileTree } from "../../src/ports/file-tree.ts";
import type { Log, LogFields } from "../../src/ports/log.ts";
import type { ObjectStore } from "../../src/ports/object-store.ts";
import { type Crash, createGate } from "./app-world-gate.ts";
import { createFakeClock } from "./fake-clock.ts";
import { type Fault, withFaults } from "./faulty-object-store.ts";
import { createMemoryFileTree } from "./memory-file-tree.ts";

export const PATHS = { graph: "/data/graph.json", backups: "/data/backups", state: "/data/.kgsync" } as const;
export const REMOTE = "knowledge_graph.json";

/** The memory files' own clock begins here (Unix milliseconds) and moves 1 ms per write: the world's begins there too. */
const FILES_BEGIN = 1_000_000;
const ATTEMPT_MS = 15_000;

const GRAPH = graphPlace("merge-json", key(REMOTE));

const RULES: Rules = {
  firstBoot: "allow",
  onInvalidRemote: "refuse",
  onUnreachable: "refuse",
  onConflict: "newest",
  mergeKeys: undefined,
  unsafeStore: "refuse",
  allowShrink: false,
  history: 24,
  backupsPull: { kind: "all" },
  backupsLimit: 1000,
  startTimeout: 300_000,
  finalTimeout: 300_000,
};

export type LogLine = { readonly level: keyof Log; readonly event: string; readonly fields: LogFields };

export type ProcessOptions = {
  readonly rules?: Partial<Rules>;
  readonly crash?: Crash;
  /** What happens to its requests, in order; see withFaults. */
  readonly faults?: readonly Fault[];
  /** Changes the bucket's behaviour for this process. */
  readonly store?: (store: ObjectStore) => ObjectStore;
  readonly files?: (files: FileTree) => FileTree;
  /** The name of another bucket. */
  readonly bucket?: string;
  /** KGSYNC_INCLUDE. */
  readonly documents?: NonNullable<Io["paths"]["documents"]>;
};

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array | undefined): string | undefined =>
  bytes === undefined ? undefined : new TextDecoder().decode(bytes);

/** What machines share. */
type Shared = {
  readonly clock: ReturnType<typeof createFakeClock>;
  readonly bucketOf: (name: string) => ReturnType<typeof createMemoryBucket>;
  readonly nextId: () => number;
};

/**
 * One machine's disk, any number of buckets, and processes that come and go on them. Time moves only when it must. `beside`:
 * another machine with the same buckets.
 */
export const createAppWorld = (beside?: Shared) => {
  const clock = beside?.clock ?? createFakeClock(FILES_BEGIN);
  const disk = createMemoryFileTree();
  const buckets = new Map<string, ReturnType<typeof createMemoryBucket>>();
  const ownBucketOf = (name: string) => {
    const bucket = buckets.get(name) ?? createMemoryBucket();
    buckets.set(name, bucket);
    return bucket;
  };
  const bucketOf = beside?.bucketOf ?? ownBucketOf;
  const onWire: (() => Promise<unknown>)[] = [];
  const watchers: {
    put?: (key: string, text: string | undefined, replaced: string | undefined, by: "process" | "person") => void;
    file?: (path: string, text: string) => void;
  } = {};
  let ids = 0;
  const nextId = beside?.nextId ?? (() => ++ids);

  /** Moves time only while nothing else can go on. */
  const drive = async <T>(work: Promise<T>, isDead = () => false): Promise<T> => {
    let done = false;
    const end = (): void => {
      done = true;
    };
    work.then(end, end);
    for (await clock.advance(0); !done && !isDead(); await clock.advance(clock.next() ?? 0))
      if (clock.next() === undefined) throw new Error("everything stands still");
    return work;
  };

  /** The bucket's side: what arrives is seen by the watchers, late puts arrive after a look at the graph. */
  const storeOf = (name: string, requests: string[]): ObjectStore => {
    const inner = createMemoryObjectStore(bucketOf(name));
    return {
      ...inner,
      name,
      get: async (k, signal) => {
        requests.push(`get ${k}`);
        const found = await inner.get(k, signal);
        if (k === REMOTE) for (const arrive of onWire.splice(0)) await arrive();
        return found;
      },
      head: (k, signal) => {
        requests.push(`head ${k}`);
        return inner.head(k, signal);
      },
      list: (prefix, signal) => {
        requests.push(`list ${prefix}`);
        return inner.list(prefix, signal);
      },
      put: async (k, body, mode, options, signal) => {
        requests.push(`put ${k}`);
        const replaced = objects(name)[k];
        const put = await inner.put(k, body, mode, options, signal);
        if (put.outcome === "stored") watchers.put?.(k, objects(name)[k] ?? "", replaced, "process");
        return put;
      },
      delete: (k, signal) => {
        requests.push(`delete ${k}`);
        return inner.delete(k, signal);
      },
    };
  };
  const watched = (tree: FileTree): FileTree => ({
    ...tree,
    write: async (path, bytes) => {
      const stamp = await tree.write(path, bytes);
      watchers.file?.(path, decode(bytes) ?? "");
      return stamp;
    },
  });

  /** A new wrapper on the same disk. */
  const boot = (options: ProcessOptions = {}) => {
    const requests: string[] = [];
    const lines: LogLine[] = [];
    const gate = createGate(options.crash, (arrive) => onWire.push(arrive));
    const faulty = withFaults(storeOf(options.bucket ?? "memory:", requests), options.faults ?? []);
    const note =
      (level: keyof Log): Log["info"] =>
      (event, _message, fields = {}) =>
        void lines.push({ level, event, fields });
    const io: Io = {
      store: gate.store(options.store?.(faulty) ?? faulty),
      files: gate.files(options.files?.(watched(disk.tree)) ?? watched(disk.tree)),
      clock,
      log: { debug: note("debug"), info: note("info"), warn: note("warn"), error: note("error") },
      sha256: nodeSha256,
      sha256Stream: nodeSha256Stream,
      random: { fraction: () => 0.5, id: () => nextId().toString(16).padStart(32, "0") },
      document: GRAPH,
      inspect: async (bytes) => checkGraph(bytes, "auto"),
      merge: async (request) => mergeRequest(request),
      fence: undefined,
      paths: { ...PATHS, documents: options.documents },
      rules: { ...RULES, ...options.rules },
      writer: `host-${nextId().toString(16).padStart(8, "0")}`,
    };
    let pushing: Pushing | undefined;
    const started = (): Pushing => {
      if (pushing === undefined) throw new Error("not started");
      return pushing;
    };
    const within = async <T>(totalMs: number, work: (budget: ReturnType<typeof createBudget>) => Promise<T>) => {
      const budget = createBudget(clock, totalMs, ATTEMPT_MS);
      try {
        return await drive(work(budget), gate.isDead);
      } finally {
        budget.close();
      }
    };
    return {
      io,
      lines,
      requests,
      gate,
      expectAllPlayed: faulty.expectAllPlayed,
      play: faulty.play,
      events: (): readonly string[] => lines.map(({ event }) => event),
      /** `beside`: the last app may still run, as under `kgsync watch`. */
      start: async (beside = false): Promise<void> => {
        pushing = await within(io.rules.startTimeout, (budget) => startAll(io, budget, { beside }));
      },
      push: (totalMs = 60_000): Promise<Pushed> =>
        within(totalMs, (budget) => pushAll(started(), { final: false, allowed: undefined }, budget)),
      finish: (totalMs = 60_000, allowed?: string, disk = true): Promise<Pushed> =>
        within(totalMs, (budget) => finalPush(started(), budget, { allowed, disk })),
      within,
      pushing: started,
      /** Runs a life until it ends or the process dies. */
      live: (work: () => Promise<void>): Promise<void> => Promise.race([work(), gate.died]),
    };
  };

  const objects = (bucket = "memory:"): Readonly<Record<string, string>> =>
    Object.fromEntries([...bucketOf(bucket).objects].map(([name, { body }]) => [name, decode(body) ?? ""]));
  const filesBelow = async (folder: string): Promise<Readonly<Record<string, string>>> => {
    const names = await disk.tree.names(folder);
    return Object.fromEntries(names.map((name) => [name, decode(disk.app.read(`${folder}/${name}`)) ?? ""]));
  };
  return {
    clock,
    disk,
    drive,
    boot,
    watchers,
    bucketOf,
    nextId,
    objects,
    filesBelow,
    /** The app saves. */
    save: (text: string): void => disk.app.write(PATHS.graph, encode(text)),
    local: (): string | undefined => decode(disk.app.read(PATHS.graph)),
    remote: (bucket = "memory:"): string | undefined => objects(bucket)[REMOTE],
    /** Somebody puts a file into the bucket with another tool. */
    upload: async (name: string, text: string, bucket = "memory:", metadata = {}): Promise<void> => {
      const options = { contentType: "application/json", metadata };
      const { signal } = new AbortController();
      const store = createMemoryObjectStore(bucketOf(bucket));
      const replaced = objects(bucket)[name];
      await store.put(key(name), encode(text), { mode: "overwrite" }, options, signal);
      watchers.put?.(name, text, replaced, "person");
    },
    erase: (name: string, bucket = "memory:"): void => {
      const replaced = objects(bucket)[name];
      bucketOf(bucket).objects.delete(name);
      watchers.put?.(name, undefined, replaced, "person");
    },
    addBackup: (name: string, text: string): void => disk.app.write(`${PATHS.backups}/${name}`, encode(text)),
    backups: (): Promise<Readonly<Record<string, string>>> => filesBelow(PATHS.backups),
    aside: (): Promise<Readonly<Record<string, string>>> => filesBelow(`${PATHS.state}/aside`),
    state: (): State => {
      const parsed = parseState(decode(disk.app.read(`${PATHS.state}/state.json`)) ?? "");
      if (parsed.kind === "damaged") throw new Error(parsed.why);
      return parsed.state;
    },
    /** The whole disk is lost. */
    wipe: async (): Promise<void> => {
      for (const folder of [PATHS.backups, `${PATHS.state}/base`, `${PATHS.state}/aside`, PATHS.state, "/data"])
        for (const name of await disk.tree.names(folder)) disk.app.remove(`${folder}/${name}`);
    },
    /** The state folder is lost; the app's files are not. */
    forget: async (): Promise<void> => {
      for (const folder of [`${PATHS.state}/base`, `${PATHS.state}/aside`, PATHS.state])
        for (const name of await disk.tree.names(folder)) disk.app.remove(`${folder}/${name}`);
    },
    digest: (text: string) => nodeSha256(encode(text)),
    encode,
  };
};

export type AppWorld = ReturnType<typeof createAppWorld>;
export type AppProcess = ReturnType<AppWorld["boot"]>;
