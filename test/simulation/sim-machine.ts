import { nodeSha256, nodeSha256Stream } from "../../src/adapters/node-sha256.ts";
import { claimGraph } from "../../src/app/claim-graph.ts";
import { createHints } from "../../src/app/hints.ts";
import type { Io, Rules } from "../../src/app/io.ts";
import { createKeepLease } from "../../src/app/keep-lease.ts";
import { graphPlace } from "../../src/app/keys.ts";
import { createPerform } from "../../src/app/perform.ts";
import { runSession } from "../../src/app/session.ts";
import type { ChildStatus } from "../../src/core/child-status.ts";
import { KgsyncError } from "../../src/core/errors.ts";
import { checkGraph } from "../../src/core/graph.ts";
import { key } from "../../src/core/key.ts";
import { parseLease } from "../../src/core/lease/lease.ts";
import { mergeRequest } from "../../src/core/merge/merge-request.ts";
import { signalRules } from "../../src/core/signal-rules.ts";
import { parseState } from "../../src/core/state-format.ts";
import type { FileTree } from "../../src/ports/file-tree.ts";
import type { Log } from "../../src/ports/log.ts";
import type { ObjectStore } from "../../src/ports/object-store.ts";
import { type Crash, createGate } from "../support/app-world-gate.ts";
import type { FakeClock } from "../support/fake-clock.ts";
import type { Dice } from "./dice.ts";
import type { Oracle } from "./oracle.ts";
import { startApp } from "./sim-app.ts";
import type { createSimBucket } from "./sim-bucket.ts";
import { createSimDisk, PATHS, type Snapshot } from "./sim-disk.ts";
import { viewOf } from "./sim-graph.ts";
import { createStandstill } from "./standstill.ts";

type Vary = Pick<Rules, "onUnreachable" | "onConflict" | "allowShrink" | "history">;
const RULES: Omit<Rules, keyof Vary> = {
  firstBoot: "allow",
  onInvalidRemote: "refuse",
  mergeKeys: undefined,
  unsafeStore: "refuse",
  backupsPull: { kind: "none" },
  backupsLimit: 10,
  startTimeout: 60_000,
  finalTimeout: 60_000,
};
const TTL_MS = 6000;
const TERM = 15;
const KILL = 9;
const HUP = 1;

/** What a deliberately wrong wrapper does: the meta-tests show that the oracle finds it. */
export type Sabotage = {
  readonly store?: (store: ObjectStore) => ObjectStore;
  readonly merge?: Io["merge"];
  readonly files?: (files: FileTree) => FileTree;
  readonly claim?: typeof claimGraph;
};

export type Counts = {
  crashes: number;
  restarts: number;
  pauses: number;
  merges: number;
  conflicts: number;
  held: number;
  diskFull: number;
  rollbacks: number;
};

type MachineOptions = {
  readonly name: string;
  readonly clock: FakeClock;
  readonly dice: Dice;
  readonly bucket: ReturnType<typeof createSimBucket>;
  readonly oracle: Oracle;
  readonly counts: Counts;
  readonly say: (line: string) => void;
  /** A container of it is over. */
  readonly ended: () => void;
  readonly fresh: () => string;
  readonly sabotage: Sabotage;
  readonly customs: Customs;
};

/** Settings that are the same on all machines. `lease`: KGSYNC_LEASE=on, and KGSYNC_ON_LEASE_BUSY. */
export type Customs = {
  readonly lease: "wait" | "readonly" | "merge" | undefined;
  readonly onConflict: Rules["onConflict"];
  readonly allowShrink: boolean;
  readonly history: number;
  readonly graceMs: number;
};

/** One machine: a disk, and one container after another on it. */
export const createMachine = (options: MachineOptions) => {
  const { name, clock, dice, bucket, oracle, counts, fresh, sabotage, customs } = options;
  const disk = createSimDisk(dice.chance(0.15));
  const old = dice.chance(0.3);
  /** KGSYNC_ON_REMOTE_CHANGE of this machine's container. */
  const onRemote = dice.pick([undefined, undefined, { kind: "restart" }, { kind: "signal", signal: HUP }] as const);
  const onUnreachable = dice.chance(0.3) ? "local" : "refuse";
  /** How soon a save is looked at; some push little before the end. */
  const rhythm = dice.chance(0.2) ? { debounceMs: 60_000, intervalMs: 0 } : { debounceMs: 100, intervalMs: 2000 };
  let container: ReturnType<typeof boot> | undefined;

  const still = createStandstill(clock, dice);
  const say = (what: string): void => options.say(`${Math.round(clock.now().mono)} ${name} ${what}`);
  const local = (): string | undefined => disk.text(PATHS.graph);
  const graphDisk = { read: local, write: (saved: string) => disk.write(PATHS.graph, saved) };

  const boot = (crash: Crash | undefined) => {
    const gate = createGate(
      crash,
      (arrive) => void clock.after(bucket.lateBy(), () => void arrive().catch(() => undefined)),
    );
    const note =
      (level: string): Log["info"] =>
      (event, _message, fields = {}) => {
        if (event === "merge.done") counts.merges += 1;
        if (event === "merge.conflicts") counts.conflicts += 1;
        if (event === "guard.latched" || event === "start.kept-aside") {
          counts.held += 1;
          held = true;
          oracle.giveWay(name);
        }
        if (event === "lease.readonly") readonly = true;
        if (level !== "debug") say(`${event} ${fields["why"] ?? fields["plan"] ?? ""}`);
      };
    const mine = disk.now();
    const writer = `${name}-${fresh()}`;
    /** Between a deed and the note of it is where a crash tells most. */
    const perhapsDie = (after: string): void => {
      if (!bucket.isRough() || !dice.chance(0.03)) return;
      say(`dies after ${after}`);
      counts.crashes += 1;
      gate.kill();
      if (dice.chance(0.3)) app?.lastSave();
      self.kill();
    };
    const store = bucket.storeFor(writer, () => perhapsDie("its put"));
    const gated = gate.files({
      ...mine.tree,
      write: async (path, bytes) => {
        if (bucket.isRough() && dice.chance(0.005)) {
          counts.diskFull += 1;
          say(`cannot write ${path}`);
          throw new KgsyncError("disk", "simulated: no space left");
        }
        const stamp = await mine.tree.write(path, bytes);
        if (path === PATHS.graph) perhapsDie("writing the graph");
        if (path.endsWith("/state.json")) {
          const parsed = parseState(new TextDecoder().decode(bytes));
          if (parsed.kind !== "ok") return stamp;
          const { base } = parsed.state;
          if (base.kind === "content") oracle.acknowledge(base.sha256);
        }
        return stamp;
      },
      swap: async (path, bytes, expected) => {
        const swapped = await mine.tree.swap(path, bytes, expected);
        if (typeof swapped !== "string") perhapsDie("replacing the graph");
        return swapped;
      },
      read: async (path) => {
        if (path === PATHS.graph && dice.chance(0.2)) await still.clock.sleep(dice.below(30));
        return mine.tree.read(path);
      },
    });
    const tree = still.files(gated);
    const io: Io = {
      store: still.store(gate.store(sabotage.store?.(store) ?? store)),
      files: sabotage.files?.(tree) ?? tree,
      clock: still.clock,
      log: { debug: note("debug"), info: note("info"), warn: note("warn"), error: note("error") },
      sha256: nodeSha256,
      sha256Stream: nodeSha256Stream,
      random: { fraction: dice.fraction, id: () => `${fresh()}-${name}` },
      document: graphPlace("merge-json", key("unused")),
      inspect: async (bytes) => checkGraph(bytes, "auto"),
      merge: sabotage.merge ?? (async (request) => mergeRequest(request)),
      fence: undefined,
      paths: PATHS,
      rules: { ...RULES, ...customs, onUnreachable, s3Conditions: bucket.createOnly ? "create-only" : "auto" },
      writer,
    };
    let app: ReturnType<typeof startApp> | undefined;
    let hint = (): void => undefined;
    let ended = false;
    let held = false;
    let readonly = false;
    let outcome: string | undefined;
    let spawned = false;
    const dead = (): boolean => gate.isDead();
    const spawn = () => {
      let tell = (_: ChildStatus): void => undefined;
      const status = new Promise<ChildStatus>((resolve) => {
        tell = resolve;
      });
      spawned = true;
      const lease = parseLease(bucket.text(".kgsync/lease.json") ?? "");
      if (lease.kind === "lease" && lease.lease.holder === writer && bucket.graph() !== undefined)
        oracle.serves(lease.lease.epoch);
      say(`spawns${old ? " an old app" : ""}`);
      const started = startApp({
        by: name,
        clock: still.clock,
        dice,
        disk: graphDisk,
        oracle,
        say,
        old,
        fresh,
        changed: () => hint(),
        exit: (code) => tell({ kind: "exited", code }),
      });
      app = started;
      return {
        pid: 42,
        ended: status,
        signal: (signal: number): void => {
          if (signal === TERM) started.terminate();
          if (signal === HUP) started.reread();
          if (signal !== KILL) return;
          started.die();
          tell({ kind: "signaled", signal });
        },
        endGroup: async () => undefined,
      };
    };
    const { perform, close } = createPerform({
      io,
      own: async () => ({ id: "0".repeat(32), stillOurs: async () => true, release: async () => undefined }),
      spawn: async () => spawn(),
      watch: (look) => {
        const hints = createHints({ clock: still.clock, random: io.random, ...rhythm, look });
        hint = hints.changed;
        hints.changed();
        return hints;
      },
      ...(customs.lease !== undefined
        ? {
            lease: {
              keep: createKeepLease(io, { ttlMs: TTL_MS }),
              onBusy: customs.lease,
              ask: dice.chance(0.5),
              claim: sabotage.claim ?? claimGraph,
            },
          }
        : {}),
      ...(onRemote === undefined ? {} : { onRemoteChange: { everyMs: 1500, ...onRemote } }),
      graceMs: customs.graceMs,
      quiesceMs: 100,
      attemptMs: 5000,
    });
    let send = (_signal: number): void => undefined;
    const life = runSession(
      signalRules([TERM], new Map()),
      (post) => {
        send = (signal) => {
          if (!dead()) post({ type: "signal", signal });
        };
      },
      (command, post) => {
        if (!dead()) perform(command, post);
      },
      () => undefined,
      customs.lease !== undefined,
    ).then(({ code, data }) => {
      if (dead()) return;
      say(`exits ${code} ${data}`);
      outcome = data;
      if (data === "safe" && app !== undefined) oracle.acknowledge(app.written() ?? "");
      return close().then(() => gate.kill());
    });
    const over = Promise.race([life, gate.died]).then(() => {
      ended = true;
      app?.die();
      options.ended();
      if (crash !== undefined && container === self) say("is down");
    });
    const self = {
      over,
      isOver: () => ended,
      isSpawned: () => spawned,
      behindSince: () => (held || readonly || rhythm.intervalMs === 0 ? undefined : app?.behindSince()),
      outcome: () => (held && outcome === "unsafe" ? "held" : outcome),
      terminate: () => send(TERM),
      kill: (): void => {
        gate.kill(); // first: a dead one gives no lease up
        void close();
        app?.die();
      },
    };
    return self;
  };

  const start = (crash?: Crash): void => {
    say(`starts${crash === undefined ? "" : ` (dies at step ${crash.at}, ${crash.how})`}`);
    container = boot(crash);
  };
  const kill = (): void => {
    if (container === undefined || container.isOver()) return;
    counts.crashes += 1;
    say("is killed");
    container.kill();
  };
  return {
    name,
    start,
    kill,
    terminate: (): void => {
      say("gets TERM");
      container?.terminate();
    },
    isDown: (): boolean => container === undefined || container.isOver(),
    isSpawned: (): boolean => container?.isSpawned() === true,
    /** Since when a save waits that should be pushed as soon as it is seen. */
    behindSince: (): number | undefined => (container?.isOver() === false ? container.behindSince() : undefined),
    /** Of the data, in the container's last word. */
    outcome: (): string | undefined => container?.outcome(),
    pause: (ms: number): void => {
      if (still.isStill()) return;
      counts.pauses += 1;
      say(`stands still for ${ms}`);
      still.standStill(ms);
    },
    isPaused: still.isStill,
    forget: async (): Promise<void> => {
      say("loses its state folder");
      oracle.excuse(name, viewOf(local()));
      await disk.loseState();
    },
    wipe: (): void => {
      say("loses its disk");
      disk.lose();
    },
    snapshot: (): Promise<Snapshot> => disk.snapshot(old),
    /** Its disk is what some machine's was once. Of another version of the app: none, its own saves are what it knows. */
    restore: (snapshot: Snapshot): void => {
      if (snapshot.old !== old) return;
      counts.rollbacks += 1;
      say("gets an old disk");
      disk.restore(snapshot);
      oracle.excuse(name, viewOf(local()));
    },
    local,
  };
};

export type Machine = ReturnType<typeof createMachine>;
