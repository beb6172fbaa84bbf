import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { docker, runClient } from "./docker.ts";

/** What an update or an accident does to the app's containers, and how kgsync (or the naive script) is set up. */
export type Rollout = {
  readonly order: "start-first" | "stop-first";
  /** The orchestrator waits for `kgsync health` before it goes on. */
  readonly gated?: boolean;
  readonly replicas?: number;
  /** All containers share one volume. */
  readonly oneVolume?: boolean;
  /** Nothing is uploaded but at the end. */
  readonly onlyAtStop?: boolean;
  /** Containers are killed with KILL instead of being updated. */
  readonly kill?: boolean;
  readonly env?: Readonly<Record<string, string>>;
};

export type RolloutResult = {
  /** Facts that the apps had saved and the wrapper had answered for: pushed, or the container ended in order. */
  readonly facts: number;
  readonly lost: readonly string[];
  readonly containers: number;
  /** States of the updates, in order: `completed`, or what they were stuck in. */
  readonly updates: readonly string[];
};

const IMAGE = "kgsync-sample:test";
const PATIENCE_MS = 120_000;
const UPDATES = 2;
/** So many facts between two events. */
const STRIDE = 8;

const sleep = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

const until = async (what: string, look: () => Promise<boolean>): Promise<void> => {
  const end = performance.now() + PATIENCE_MS;
  while (!(await look())) {
    if (performance.now() > end) throw new Error(`waited in vain: ${what}`);
    await sleep(100);
  }
};

type Save = { readonly at: number; readonly sha256: string; readonly add?: string; readonly remove?: string };

const parseLines = <T>(text: string): readonly T[] =>
  text
    .split("\n")
    .filter((line) => line.startsWith("{") && line.endsWith("}"))
    .map((line) => JSON.parse(line));

/** Makes this engine a swarm of one node, if it is none yet. Answers what undoes that. */
export const joinSwarm = async (): Promise<() => Promise<void>> => {
  if ((await docker("info", "--format", "{{.Swarm.LocalNodeState}}")) === "active") return async () => undefined;
  await docker("swarm", "init", "--advertise-addr", "127.0.0.1", "--task-history-limit", "50");
  return async () => void (await docker("swarm", "leave", "--force"));
};

let serial = 0;

/** One service from its creation to its end, with all that is done to it in between; then what it lost is counted. */
export const rollOut = async (wrapper: "kgsync" | "naive", rollout: Rollout): Promise<RolloutResult> => {
  const root = mkdtempSync(join(tmpdir(), "kgsync-swarm-"));
  const folder = (name: string): string => {
    const path = join(root, name);
    mkdirSync(path);
    chmodSync(path, 0o777); // the containers' user is another one than ours
    return path;
  };
  const [bucket, ledger, data] = [folder("bucket"), folder("ledger"), folder("data")];
  serial += 1;
  const service = `kgsync-${process.pid}-${serial}`;
  const app = ["node", "/app/ledger-app.ts", "amadeus/knowledge_graph.json", "/ledger/$HOSTNAME", "t", "150"];
  const mounts = [`type=bind,source=${bucket},target=/bucket`, `type=bind,source=${ledger},target=/ledger`];
  if (rollout.oneVolume === true) mounts.push(`type=bind,source=${data},target=/data/amadeus`);
  const env: Readonly<Record<string, string>> = {
    KGSYNC_BUCKET: "file:///bucket",
    KGSYNC_GRACE: "18s",
    KGSYNC_DEBOUNCE: "50ms",
    KGSYNC_LOG_FORMAT: "json",
    ...(rollout.onlyAtStop === true ? { KGSYNC_WATCH: "off", KGSYNC_INTERVAL: "0" } : {}),
    ...(wrapper === "naive" ? { EVERY: rollout.onlyAtStop === true ? "0" : "1" } : {}),
    ...rollout.env,
  };
  const naive = ["--entrypoint", "sh"];
  const command =
    wrapper === "kgsync"
      ? app
      : ["/app/naive-entrypoint.sh", "/bucket/knowledge_graph.json", "/data/amadeus/knowledge_graph.json", ...app];
  const health =
    rollout.gated === true
      ? [
          "--health-cmd",
          wrapper === "kgsync" ? "kgsync health" : "true",
          "--health-interval",
          "1s",
          "--health-start-period",
          "60s",
        ]
      : ["--no-healthcheck"];
  const create = [
    ...[
      "service",
      "create",
      "--detach",
      "--quiet",
      "--name",
      service,
      "--hostname",
      "{{.Task.ID}}",
      "--network",
      "host",
    ],
    ...["--replicas", String(rollout.replicas ?? 1), "--stop-grace-period", "20s", "--restart-delay", "0s"],
    ...["--update-order", rollout.order, "--update-monitor", "1s", "--update-failure-action", "pause"],
    ...mounts.flatMap((mount) => ["--mount", mount]),
    ...Object.entries(env).flatMap(([name, value]) => ["--env", `${name}=${value}`]),
    ...health,
    ...(wrapper === "naive" ? naive : []),
    IMAGE,
    ...command,
  ];

  const saves = (task: string): readonly Save[] =>
    existsSync(join(ledger, task)) ? parseLines<Save>(readFileSync(join(ledger, task), "utf8")) : [];
  const allSaves = (): readonly Save[] => readdirSync(ledger).flatMap(saves);
  const progress = async (): Promise<void> => {
    const before = allSaves().length;
    await until(`${service}: the apps go on`, async () => allSaves().length >= before + STRIDE);
  };
  const containers = async (running: boolean): Promise<readonly { readonly id: string; readonly task: string }[]> => {
    const filter = ["--filter", `label=com.docker.swarm.service.name=${service}`];
    const format = '{{.ID}} {{.Label "com.docker.swarm.task.id"}}';
    const text = await docker("ps", ...(running ? [] : ["--all"]), "--no-trunc", ...filter, "--format", format);
    return text.split("\n").flatMap((line) => {
      const [id, task] = line.split(" ");
      return id === undefined || task === undefined ? [] : [{ id, task }];
    });
  };
  /** Tasks that were killed, with what their wrapper had answered for by then. */
  const killed = new Map<string, readonly Save[]>();
  const answeredFor = (task: string, log: string): readonly Save[] => {
    const all = saves(task);
    if (wrapper === "naive") {
      const last = Number(/uploaded (\d+)\s*$/.exec(log.trimEnd())?.[1] ?? 0);
      return all.filter(({ at }) => at < last);
    }
    const pushed = new Set(
      parseLines<Readonly<Record<string, unknown>>>(log).flatMap((line) =>
        line["event"] === "push.stored" ? [line["local"] ?? line["sha256"]] : [],
      ),
    );
    return all.slice(0, all.findLastIndex(({ sha256 }) => pushed.has(sha256)) + 1);
  };
  const killOne = async (): Promise<void> => {
    const [victim] = await containers(true);
    if (victim === undefined) throw new Error(`${service}: nobody runs`);
    await docker("kill", "--signal", "KILL", victim.id);
    await docker("wait", victim.id);
    const { stdout, stderr } = await runClient("docker", ["logs", victim.id]);
    // A volume outlives the container, and what lies on it is safe; else the disk is gone with it.
    if (rollout.oneVolume !== true) killed.set(victim.task, answeredFor(victim.task, stdout.toString() + stderr));
    await until(`${service}: another one runs`, async () =>
      (await containers(true)).some(({ id }) => id !== victim.id),
    );
  };
  const update = async (n: number): Promise<string> => {
    await docker("service", "update", "--detach", "--quiet", "--env-add", `ROUND=${n}`, service);
    const state = (): Promise<string> => docker("service", "inspect", "--format", "{{.UpdateStatus.State}}", service);
    const end = performance.now() + PATIENCE_MS;
    while ((await state()) === "updating" && performance.now() < end) await sleep(200);
    return state();
  };

  try {
    await docker(...create);
    await progress();
    const updates: string[] = [];
    for (let n = 1; n <= UPDATES; n++) {
      if (rollout.kill === true) await killOne();
      else updates.push(await update(n));
      await progress();
    }
    const count = (await containers(false)).length;
    await docker("service", "scale", "--detach", `${service}=0`);
    await until(`${service}: all have ended`, async () => (await containers(true)).length === 0);
    const answered = readdirSync(ledger).flatMap((task) => killed.get(task) ?? saves(task));
    const removed = new Set(allSaves().flatMap(({ remove }) => remove ?? []));
    const facts = answered.flatMap(({ add }) => (add === undefined || removed.has(add) ? [] : [add]));
    const kept = textsBelow(bucket);
    return {
      facts: facts.length,
      lost: facts.filter((fact) => !kept.includes(`"${fact}"`)),
      containers: count,
      updates,
    };
  } finally {
    await runClient("docker", ["service", "rm", service]);
    rmSync(root, { recursive: true, force: true });
  }
};

/** The graph and what lies in conflict records, as one text: facts have names that are nowhere else. */
const textsBelow = (bucket: string): string =>
  readdirSync(bucket, { recursive: true, encoding: "utf8" })
    .filter((name) => name === "knowledge_graph.json" || name.startsWith(".kgsync/conflicts/"))
    .filter((name) => name.endsWith(".json"))
    .map((name) => readFileSync(join(bucket, name), "utf8"))
    .join("\n");

export const ROLLOUTS: Readonly<Record<string, Rollout>> = {
  "start-first": { order: "start-first" },
  "start-first, gated on health": { order: "start-first", gated: true },
  "stop-first": { order: "stop-first" },
  "start-first, upload only at stop": { order: "start-first", onlyAtStop: true },
  "two replicas, start-first": { order: "start-first", replicas: 2 },
  "two replicas on one volume, stop-first": { order: "stop-first", replicas: 2, oneVolume: true },
  "start-first, gated on health, with a lease, ready when serving": {
    order: "start-first",
    gated: true,
    env: { KGSYNC_LEASE: "on", KGSYNC_LEASE_TTL: "5s", KGSYNC_READY_WHEN: "serving" },
  },
  "start-first, gated on health, with a lease, ready when standing by": {
    order: "start-first",
    gated: true,
    env: { KGSYNC_LEASE: "on", KGSYNC_LEASE_TTL: "5s", KGSYNC_READY_WHEN: "standby" },
  },
  "two replicas with a lease, ready when standing by, start-first": {
    order: "start-first",
    gated: true,
    replicas: 2,
    env: { KGSYNC_LEASE: "on", KGSYNC_LEASE_TTL: "5s", KGSYNC_READY_WHEN: "standby" },
  },
  "two replicas, killed with KILL": { order: "start-first", replicas: 2, kill: true },
};
