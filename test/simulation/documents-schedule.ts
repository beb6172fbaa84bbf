import { nodeSha256, nodeSha256Stream } from "../../src/adapters/node-sha256.ts";
import { createHints } from "../../src/app/hints.ts";
import type { Io } from "../../src/app/io.ts";
import { graphPlace } from "../../src/app/keys.ts";
import { createPerform } from "../../src/app/perform.ts";
import { runSession } from "../../src/app/session.ts";
import type { ChildStatus } from "../../src/core/child-status.ts";
import { checkGraph } from "../../src/core/graph.ts";
import { key } from "../../src/core/key.ts";
import { mergeRequest } from "../../src/core/merge/merge-request.ts";
import { signalRules } from "../../src/core/signal-rules.ts";
import type { Log } from "../../src/ports/log.ts";
import { type Crash, createGate } from "../support/app-world-gate.ts";
import { createFakeClock, type FakeClock } from "../support/fake-clock.ts";
import { createDice, type Dice } from "./dice.ts";
import { BYTES, RECORDS, startDocumentsApp } from "./documents-app.ts";
import { createDocumentsOracle, type DocumentsOracle } from "./documents-oracle.ts";
import { createSimBucket, LATEST_MS } from "./sim-bucket.ts";
import { createSimDisk, PATHS } from "./sim-disk.ts";

const TERM = 15;
const KILL = 9;
const EVENTS = 12;
const PATIENCE_MS = 600_000;
const RULES: Omit<Io["rules"], "onConflict"> = {
  firstBoot: "allow",
  onInvalidRemote: "refuse",
  onUnreachable: "refuse",
  mergeKeys: undefined,
  unsafeStore: "refuse",
  allowShrink: false,
  history: 10_000,
  backupsPull: { kind: "none" },
  backupsLimit: 10,
  startTimeout: 60_000,
  finalTimeout: 60_000,
};
const DOCUMENTS = [
  { name: key("memory.jsonl"), path: RECORDS, mode: "merge-jsonl" },
  { name: key("cache.db"), path: BYTES, mode: "replace" },
] as const;

type World = {
  readonly clock: FakeClock;
  readonly dice: Dice;
  readonly bucket: ReturnType<typeof createSimBucket>;
  readonly oracle: DocumentsOracle;
  readonly fresh: () => string;
  readonly onConflict: Io["rules"]["onConflict"];
  readonly restart: boolean;
  readonly say: (line: string) => void;
  readonly sabotage: (io: Io) => Io;
};

/** A disk, and one container after another on it. */
const createMachine = (name: string, world: World) => {
  const { clock, dice, bucket, oracle, fresh, say } = world;
  const disk = createSimDisk(false);
  const files = { read: disk.text, write: disk.write };
  let container: { over: () => boolean; up: () => boolean; term: () => void; kill: () => void } | undefined;
  let outcome: string | undefined;

  const boot = (crash: Crash | undefined) => {
    const sendLate = (arrive: () => Promise<unknown>) =>
      void clock.after(bucket.lateBy(), () => void arrive().catch(() => undefined));
    const gate = createGate(crash, sendLate);
    const write: Log["info"] = (event, _message, fields = {}) =>
      say(`${Math.round(clock.now().mono)} ${name} ${event} ${fields["document"] ?? ""} ${fields["why"] ?? ""}`);
    const io = world.sabotage({
      store: gate.store(bucket.storeFor(name, () => undefined)),
      files: gate.files(disk.now().tree),
      clock,
      log: { debug: () => undefined, info: write, warn: write, error: write },
      sha256: nodeSha256,
      sha256Stream: nodeSha256Stream,
      random: { fraction: dice.fraction, id: () => `${fresh()}-${name}` },
      document: graphPlace("merge-json", key("unused")),
      inspect: async (bytes) => checkGraph(bytes, "auto"),
      merge: async (request) => mergeRequest(request),
      fence: undefined,
      paths: { ...PATHS, documents: DOCUMENTS },
      rules: { ...RULES, onConflict: world.onConflict },
      writer: `${name}-${fresh()}`,
    });
    let app: ReturnType<typeof startDocumentsApp> | undefined;
    let hint = (): void => undefined;
    let over = false;
    const spawn = async () => {
      let tell = (_: ChildStatus): void => undefined;
      const ended = new Promise<ChildStatus>((resolve) => {
        tell = resolve;
      });
      const exit = (code: number): void => tell({ kind: "exited", code });
      const started = startDocumentsApp({ clock, dice, files, oracle, fresh, changed: () => hint(), exit });
      app = started;
      const signal = (number: number): void => {
        if (number === TERM) started.terminate();
        if (number !== KILL) return;
        started.die();
        tell({ kind: "signaled", signal: number });
      };
      return { pid: 42, ended, signal, endGroup: async () => undefined };
    };
    const { perform, close } = createPerform({
      io,
      own: async () => ({ id: "0".repeat(32), stillOurs: async () => true, release: async () => undefined }),
      spawn,
      watch: (look) => {
        const hints = createHints({ clock, random: io.random, debounceMs: 100, intervalMs: 2000, look });
        hint = hints.changed;
        hints.changed();
        return hints;
      },
      ...(world.restart ? { onRemoteChange: { kind: "restart", everyMs: 1500 } } : {}),
      graceMs: 10_000,
      quiesceMs: 100,
      attemptMs: 5000,
    });
    let send = (_signal: number): void => undefined;
    const life = runSession(
      signalRules([TERM], new Map()),
      (post) => {
        send = (signal) => gate.isDead() || post({ type: "signal", signal });
      },
      (command, post) => gate.isDead() || perform(command, post),
      () => undefined,
    ).then(async ({ code, data }) => {
      if (gate.isDead()) return;
      say(`${Math.round(clock.now().mono)} ${name} exits ${code} ${data}`);
      outcome = data;
      if (data === "safe" && app !== undefined) oracle.acknowledge(app.saved());
      await close();
      gate.kill();
    });
    void Promise.race([life, gate.died]).then(() => {
      over = true;
      app?.die();
    });
    return {
      over: () => over,
      up: () => app !== undefined,
      term: () => send(TERM),
      kill: () => {
        gate.kill();
        void close();
        app?.die();
      },
    };
  };
  return {
    name,
    start: (crash?: Crash): void => {
      outcome = undefined;
      container = boot(crash);
    },
    term: () => container?.term(),
    kill: () => container?.kill(),
    isDown: () => container === undefined || container.over(),
    isUp: () => container?.up() === true,
    outcome: () => outcome,
    disk: () => ({ records: disk.text(RECORDS), bytes: disk.text(BYTES) }),
  };
};

/**
 * Like `runSchedule`, of documents beside the graph: records that are merged and bytes that are replaced. Disks are never lost
 * here, so what lies on one at the end must be found in the bucket too. All chance comes from the seed.
 */
export const runDocumentsSchedule = async (seed: number, sabotage: (io: Io) => Io = (io) => io) => {
  const dice = createDice(seed);
  const clock = createFakeClock();
  const oracle = createDocumentsOracle();
  const trace: string[] = [];
  const bucket = createSimBucket({ dice, wire: clock, onGraph: () => undefined });
  let names = 0;
  const world: World = {
    clock,
    dice,
    bucket,
    oracle,
    fresh: () => `v${(++names).toString(36)}`,
    onConflict: dice.pick(["newest", "newest", "ours", "theirs"] as const) ?? "newest",
    restart: dice.chance(0.3),
    say: (line) => void trace.push(line),
    sabotage,
  };
  const machines = Array.from({ length: dice.chance(0.7) ? 2 : 3 }, (_, n) => createMachine(`m${n}`, world));
  const until = async (what: string, look: () => boolean): Promise<void> => {
    const end = clock.now().mono + PATIENCE_MS;
    while (!look()) {
      if (clock.now().mono > end) throw new Error(`stands still: ${what}`);
      await clock.advance(Math.max(1, Math.min(clock.next() ?? 1000, 1000)));
    }
  };
  const problems: string[] = [];
  try {
    for (const machine of machines) if (dice.chance(0.8)) machine.start();
    for (let n = 0; n < EVENTS; n++) {
      await clock.advance(dice.below(2500));
      const machine = dice.pick(machines);
      if (machine === undefined) continue;
      const how = dice.pick(["before", "after", "late"] as const) ?? "before";
      const luck = dice.fraction();
      if (machine.isDown()) machine.start(dice.chance(0.4) ? { at: dice.below(120), how } : undefined);
      else if (luck < 0.35) machine.term();
      else if (luck < 0.65) machine.kill();
      else if (luck < 0.72) bucket.outage(dice.below(15_000));
    }
    bucket.calm();
    for (const machine of machines) {
      if (!machine.isDown()) machine.term();
      await until(`${machine.name} ends`, machine.isDown);
    }
    await clock.advance(LATEST_MS + 1000);
    for (const machine of machines) oracle.acknowledge(machine.disk());
    for (const machine of [...machines, ...machines]) {
      machine.start();
      await until(`${machine.name} runs`, () => machine.isUp() || machine.isDown());
      machine.term();
      await until(`${machine.name} ends`, machine.isDown);
      if (machine.outcome() !== "safe") oracle.breaks(`${machine.name} ends ${machine.outcome()}`);
    }
    problems.push(...oracle.judge(bucket.all()));
  } catch (thrown) {
    problems.push(thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown));
  }
  return { seed, problems, trace };
};
