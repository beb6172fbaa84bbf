import { randomUUID } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Judgement,
  judge,
  type Life,
  parseLines,
  pushedOf,
  type Save,
  uploadedOf,
} from "../../scripts/read-ledger.ts";
import { docker } from "./docker.ts";
import { type S3Container, s3In } from "./docker-s3.ts";
import { createService, joinSwarm, type ServiceOptions, until } from "./docker-swarm.ts";
import type { Rollout } from "./docker-swarm-rollouts.ts";

export type RolloutResult = Judgement & {
  /** How the updates ended, in order: `completed`, or what they were stuck in. */
  readonly updates: readonly string[];
  /** The exit codes of all containers. */
  readonly codes: readonly number[];
};

type Wrapper = "kgsync" | "naive";

/** scripts/test-docker.sh builds it, and says which server there is. */
const IMAGE = "kgsync-sample:test";
const S3_IMAGE = process.env["KGSYNC_S3_IMAGE"] ?? "kgsync-test-s3:rgw";
const KEYS = { accessKeyId: "swarmkey", secretAccessKey: "swarmsecret" };
const UPDATES = 2;
/** So many saves between two events. */
const STRIDE = 8;
/** The app saves about so often, in milliseconds. */
const EVERY = "150";

/** Where a bucket is for the containers, and how it is read from here. */
type Bucket = {
  readonly env: Readonly<Record<string, string>>;
  readonly graph: () => Promise<string>;
  /** What lies below `.kgsync/conflicts/`. */
  readonly kept: () => readonly string[];
};

const folderBucket = (path: string): Bucket => {
  const read = (name: string): string => readFileSync(join(path, name), "utf8");
  const names = (): readonly string[] => readdirSync(path, { recursive: true, encoding: "utf8" });
  return {
    env: { KGSYNC_BUCKET: "file:///bucket" },
    graph: async () => (names().includes("knowledge_graph.json") ? read("knowledge_graph.json") : ""),
    kept: () =>
      names()
        .filter((name) => name.startsWith(".kgsync/conflicts/") && name.endsWith(".json"))
        .map(read),
  };
};

/** A real S3 server for the services' buckets. The engine's containers reach it by its own address. */
const startS3 = async () => {
  const env = [`AWS_ACCESS_KEY_ID=${KEYS.accessKeyId}`, `AWS_SECRET_ACCESS_KEY=${KEYS.secretAccessKey}`];
  const flags = [...env, "S3_BUCKET=graph"].flatMap((setting) => ["--env", setting]);
  const id = await docker("run", "--detach", ...flags, S3_IMAGE);
  const s3: S3Container = s3In(id, KEYS);
  await until("the S3 server answers", s3.healthy);
  const format = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";
  const address = await docker("inspect", "--format", format, id);
  const bucket = (prefix: string): Bucket => ({
    env: {
      KGSYNC_BUCKET: `s3://graph/${prefix}`,
      AWS_ENDPOINT_URL_S3: `http://${address}:8333`,
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: KEYS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
    },
    graph: async () => (await s3.get(`graph/${prefix}/knowledge_graph.json`))?.toString() ?? "",
    kept: () => [], // not looked at: there everything has to be in the graph itself
  });
  return { bucket, remove: async () => void (await docker("rm", "--force", "--volumes", id)) };
};

/** The service's options that come from the scenario. */
const describeService = (wrapper: Wrapper, rollout: Rollout) => {
  const app = ["node", "/app/ledger-app.ts", "amadeus/knowledge_graph.json", "/ledger/$HOSTNAME", "t", EVERY];
  const lease = rollout.lease === undefined ? {} : { KGSYNC_LEASE: "on", KGSYNC_LEASE_TTL: "5s" };
  const env: Readonly<Record<string, string>> = {
    KGSYNC_GRACE: "18s",
    KGSYNC_DEBOUNCE: "50ms",
    KGSYNC_LOG_FORMAT: "json",
    ...(rollout.onlyAtStop === true ? { KGSYNC_WATCH: "off", KGSYNC_INTERVAL: "0" } : {}),
    ...(rollout.ownState === true ? { KGSYNC_STATE_DIR: "/data/state" } : {}),
    ...lease,
    ...(rollout.lease === undefined ? {} : { KGSYNC_READY_WHEN: rollout.lease }),
    ...(wrapper === "naive" ? { EVERY: rollout.onlyAtStop === true ? "0" : "1" } : {}),
  };
  const check = ["--health-cmd", wrapper === "kgsync" ? "kgsync health" : "true"];
  // Retries: who was well while it stood by is not for the moments of its own start, long ones on a busy machine.
  const health = [...check, "--health-interval", "1s", "--health-retries", "30", "--health-start-period", "60s"];
  const flags = [
    ...["--replicas", String(rollout.replicas ?? 1), "--stop-grace-period", "20s", "--update-order", rollout.order],
    ...(rollout.gated === true ? health : ["--no-healthcheck"]),
    ...(wrapper === "naive" ? ["--entrypoint", "sh"] : []),
  ];
  const script = ["/app/naive-entrypoint.sh", "/bucket/knowledge_graph.json", "/data/amadeus/knowledge_graph.json"];
  return { image: IMAGE, flags, env, command: wrapper === "kgsync" ? app : [...script, ...app] };
};

/** A swarm, and one service after another or beside another in it. */
export const createSwarmLab = () => {
  let leave: (() => Promise<void>) | undefined;
  let s3: ReturnType<typeof startS3> | undefined;

  /** One service from its creation to its end, with all that is done to it in between; then what it lost is counted. */
  const rollOut = async (wrapper: Wrapper, rollout: Rollout): Promise<RolloutResult> => {
    const root = mkdtempSync(join(realpathSync(tmpdir()), "kgsync-swarm-"));
    const folder = (name: string): string => {
      const path = join(root, name);
      mkdirSync(path);
      chmodSync(path, 0o777); // the containers' user is another one than ours
      return path;
    };
    const ledger = folder("ledger");
    const bucketFolder = folder("bucket");
    const name = `kgsync-${randomUUID().slice(0, 8)}`;
    if (rollout.s3 === true) s3 ??= startS3();
    const bucket = rollout.s3 === true && s3 !== undefined ? (await s3).bucket(name) : folderBucket(bucketFolder);
    const { env, ...described } = describeService(wrapper, rollout);
    const options: ServiceOptions = {
      name,
      ...described,
      env: { ...env, ...bucket.env },
      folders: {
        [ledger]: "/ledger",
        [bucketFolder]: "/bucket",
        ...(rollout.oneVolume === true ? { [folder("data")]: "/data/amadeus" } : {}),
      },
    };

    const tasks = (): readonly string[] => readdirSync(ledger);
    const savesOf = (task: string): readonly Save[] =>
      tasks().includes(task) ? parseLines<Save>(readFileSync(join(ledger, task), "utf8")) : [];
    const goOn = async (): Promise<void> => {
      const count = (): number => tasks().flatMap(savesOf).length;
      const before = count();
      await until(`${name}: the apps go on`, () => count() >= before + STRIDE);
    };

    /** Tasks whose disk is gone with them: how many of their saves their wrapper had answered for by then. */
    const answered = new Map<string, number>();
    const killNewest = async (service: Awaited<ReturnType<typeof createService>>) => {
      const lastSave = ({ task }: { readonly task: string }): number => savesOf(task).at(-1)?.at ?? 0;
      const [victim] = [...(await service.running())].sort((a, b) => lastSave(b) - lastSave(a));
      if (victim === undefined) throw new Error(`${name}: nobody runs`);
      await docker("kill", "--signal", "KILL", victim.id);
      await docker("wait", victim.id);
      const log = await service.logs(victim.id);
      const saves = savesOf(victim.task);
      return { task: victim.task, uploaded: wrapper === "naive" ? uploadedOf(saves, log) : pushedOf(saves, log) };
    };
    /** Who follows on the volume found what a save leaves that a kill cut off: the app itself had emptied its file. */
    const foundTorn = async (service: Awaited<ReturnType<typeof createService>>): Promise<boolean> => {
      const logs = await Promise.all((await service.running()).map(({ id }) => service.logs(id)));
      return logs.some((log) => /"start\.kept-aside".*the graph on disk is damaged/.test(log));
    };

    try {
      const service = await createService(options);
      try {
        await goOn();
        const updates: string[] = [];
        for (let n = 1; n <= UPDATES; n++) {
          const victim = rollout.kill === true ? await killNewest(service) : undefined;
          if (victim === undefined) updates.push(await service.update(n));
          await goOn();
          // A volume outlives the container, and what lies whole on it is safe.
          if (victim !== undefined && (rollout.oneVolume !== true || (await foundTorn(service))))
            answered.set(victim.task, victim.uploaded);
        }
        await service.end();
        const lives: readonly Life[] = tasks().map((task) => {
          const saves = savesOf(task);
          return { saves, answered: answered.get(task) ?? saves.length };
        });
        return { ...judge(lives, await bucket.graph(), bucket.kept()), updates, codes: await service.codes() };
      } finally {
        await service.remove();
      }
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  };

  return {
    join: async (): Promise<void> => {
      leave = await joinSwarm();
    },
    rollOut,
    /** Undoes what `join` and the scenarios did. */
    leave: async (): Promise<void> => {
      await (await s3)?.remove();
      await leave?.();
    },
  };
};
