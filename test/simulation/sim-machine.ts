import { clockOfTimers } from "../../src/adapters/clock-of-timers.ts";
import { nodeSha256, nodeSha256Stream } from "../../src/adapters/node-sha256.ts";
import { claimGraph } from "../../src/app/claim-graph.ts";
import { createHints } from "../../src/app/hints.ts";
import type { Io, Rules } from "../../src/app/io.ts";
import { createKeepLease } from "../../src/app/keep-lease.ts";
import { createPerform } from "../../src/app/perform.ts";
import { runSession } from "../../src/app/session.ts";
import type { ChildStatus } from "../../src/core/child-status.ts";
import { checkGraph } from "../../src/core/graph.ts";
import { mergeRequest } from "../../src/core/merge/merge-request.ts";
import { signalRules } from "../../src/core/signal-rules.ts";
import { parseState } from "../../src/core/state-format.ts";
import type { Log } from "../../src/ports/log.ts";
import type { ObjectStore } from "../../src/ports/object-store.ts";
import { type Crash, createGate } from "../support/app-world-gate.ts";
import type { FakeClock } from "../support/fake-clock.ts";
import { createMemoryFileTree } from "../support/memory-file-tree.ts";
import type { Dice } from "./dice.ts";
import type { Oracle } from "./oracle.ts";
import { startApp } from "./sim-app.ts";
import type { createSimBucket } from "./sim-bucket.ts";

const PATHS = { graph: "/data/graph.json", backups: undefined, state: "/data/.kgsync" } as const;
const RULES: Rules = {
  firstBoot: "allow",
  onInvalidRemote: "refuse",
  onUnreachable: "refuse",
  onConflict: "newest",
  mergeKeys: undefined,
  unsafeStore: "refuse",
  allowShrink: true,
  history: 24,
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
};

export type Counts = { crashes: number; restarts: number; pauses: number; merges: number; conflicts: number };

type MachineOptions = {
  readonly name: string;
  readonly clock: FakeClock;
  readonly dice: Dice;
  readonly bucket: ReturnType<typeof createSimBucket>;
  readonly oracle: Oracle;
  readonly counts: Counts;
  readonly say: (line: string) => void;
  readonly fresh: () => string;
  readonly sabotage: Sabotage;
  /** KGSYNC_LEASE=on. */
  readonly leased: boolean;
};

/** One machine: a disk, and one container after another on it. */
export const createMachine = (options: MachineOptions) => {
  const { name, clock, dice, bucket, oracle, counts, fresh, sabotage, leased } = options;
  let disk = createMemoryFileTree();
  const old = dice.chance(0.3);
  /** KGSYNC_ON_REMOTE_CHANGE of this machine's container. */
  const onRemote = dice.pick([undefined, undefined, { kind: "restart" }, { kind: "signal", signal: HUP }] as const);
  let waiting: (() => void)[] | undefined;
  let container: ReturnType<typeof boot> | undefined;

  /** The machine's own time: while it is paused nothing of it goes on, and then everything at once. */
  const own = clockOfTimers({
    now: clock.now,
    arm: (ms, _hold, fire) => clock.after(ms, () => (waiting === undefined ? fire() : void waiting.push(fire))),
  });
  const say = (what: string): void => options.say(`${Math.round(clock.now().mono)} ${name} ${what}`);
  const text = (path: string): string | undefined => {
    const bytes = disk.app.read(path);
    return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
  };
  const local = (): string | undefined => text(PATHS.graph);
  const graphDisk = {
    read: local,
    write: (saved: string) => disk.app.write(PATHS.graph, new TextEncoder().encode(saved)),
  };

  const boot = (crash: Crash | undefined) => {
    const gate = createGate(
      crash,
      (arrive) => void clock.after(dice.below(2000), () => void arrive().catch(() => undefined)),
    );
    const note =
      (level: string): Log["info"] =>
      (event, _message, fields = {}) => {
        if (event === "merge.done") counts.merges += 1;
        if (event === "merge.conflicts") counts.conflicts += 1;
        if (level !== "debug") say(`${event} ${fields["why"] ?? fields["plan"] ?? ""}`);
      };
    const mine = disk;
    const writer = `${name}-${fresh()}`;
    const store = bucket.storeFor(writer);
    const tree = gate.files({
      ...mine.tree,
      write: async (path, bytes) => {
        const stamp = await mine.tree.write(path, bytes);
        if (path.endsWith("/state.json")) {
          const parsed = parseState(new TextDecoder().decode(bytes));
          if (parsed.kind === "ok" && parsed.state.base.kind === "content")
            oracle.acknowledge(parsed.state.base.sha256);
        }
        return stamp;
      },
      read: async (path) => {
        if (path === PATHS.graph && dice.chance(0.2)) await own.sleep(dice.below(30));
        return mine.tree.read(path);
      },
    });
    const io: Io = {
      store: gate.store(sabotage.store?.(store) ?? store),
      files: tree,
      clock: own,
      log: { debug: note("debug"), info: note("info"), warn: note("warn"), error: note("error") },
      sha256: nodeSha256,
      sha256Stream: nodeSha256Stream,
      random: { fraction: dice.fraction, id: () => `${fresh()}-${name}` },
      inspect: async (bytes) => checkGraph(bytes, "auto"),
      merge: sabotage.merge ?? (async (request) => mergeRequest(request)),
      fence: undefined,
      paths: PATHS,
      rules: RULES,
      writer,
    };
    let app: ReturnType<typeof startApp> | undefined;
    let hint = (): void => undefined;
    let ended = false;
    let spawned = false;
    const dead = (): boolean => gate.isDead();
    const spawn = () => {
      let tell = (_: ChildStatus): void => undefined;
      const status = new Promise<ChildStatus>((resolve) => {
        tell = resolve;
      });
      spawned = true;
      say(`spawns${old ? " an old app" : ""}`);
      const started = startApp({
        clock: own,
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
        const hints = createHints({ clock: own, random: io.random, debounceMs: 100, intervalMs: 2000, look });
        hint = hints.changed;
        hints.changed();
        return hints;
      },
      ...(leased
        ? {
            lease: {
              keep: createKeepLease(io, { ttlMs: TTL_MS }),
              onBusy: "wait",
              ask: dice.chance(0.5),
              claim: claimGraph,
            },
          }
        : {}),
      ...(onRemote === undefined ? {} : { onRemoteChange: { everyMs: 1500, ...onRemote } }),
      graceMs: 10_000,
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
      leased,
    ).then(({ code, data }) => {
      if (dead()) return;
      say(`exits ${code} ${data}`);
      return close().then(() => gate.kill());
    });
    const over = Promise.race([life, gate.died]).then(() => {
      ended = true;
      app?.die();
      if (crash !== undefined && container === self) say("is down");
    });
    const self = {
      over,
      isOver: () => ended,
      isSpawned: () => spawned,
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
    pause: (ms: number): void => {
      if (waiting !== undefined) return;
      counts.pauses += 1;
      say(`stands still for ${ms}`);
      waiting = [];
      clock.after(ms, () => {
        const due = waiting ?? [];
        waiting = undefined;
        for (const fire of due) fire();
      });
    },
    isPaused: (): boolean => waiting !== undefined,
    forget: async (): Promise<void> => {
      say("loses its state folder");
      for (const folder of [`${PATHS.state}/base`, `${PATHS.state}/aside`, PATHS.state])
        for (const file of await disk.tree.names(folder)) disk.app.remove(`${folder}/${file}`);
    },
    wipe: (): void => {
      say("loses its disk");
      disk = createMemoryFileTree();
    },
    local,
  };
};

export type Machine = ReturnType<typeof createMachine>;
