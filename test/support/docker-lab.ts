import { randomUUID } from "node:crypto";
import { afterAll } from "vitest";
import { docker, runClient } from "./docker.ts";
import { readFileIn } from "./docker-files.ts";
import { awaitLine } from "./docker-log.ts";

/** scripts/test-docker.sh builds these. */
export const IMAGE = "kgsync:test";
export const INJECT_IMAGE = "kgsync-inject:test";
export const DIST_IMAGE = "kgsync-dist:test";
export const SAMPLE_IMAGE = "kgsync-sample:test";
export const INITS_IMAGE = "kgsync-inits:test";

/** What a container in production gets; every test runs like this unless it says otherwise. */
export const HARDENED = ["--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"] as const;

/** Where a container of a lab has its bucket and its graph. */
export const BUCKET_ENV = { KGSYNC_BUCKET: "file:///bucket/demo" } as const;
const GRAPH_KEY = "demo/knowledge_graph.json";
export const REMOTE = `/bucket/${GRAPH_KEY}`;
export const GRAPH = "/data/amadeus/knowledge_graph.json";

export type Container = {
  readonly id: string;
  /** See `awaitLine`. */
  readonly line: (pattern: RegExp) => Promise<string>;
  readonly log: () => Promise<string>;
  /** `docker stop`: TERM, then KILL after so many seconds. Resolves when the container has ended. */
  readonly stop: (seconds: number) => Promise<void>;
  readonly kill: (signal: string) => Promise<void>;
  /** The same container again, with its files. */
  readonly start: () => Promise<void>;
  /** Resolves with the exit code when it has ended. */
  readonly ended: () => Promise<number>;
  readonly file: (path: string) => Promise<Buffer | undefined>;
  /** The numbers of the signals that the engine sent it, in order. */
  readonly signals: () => Promise<readonly number[]>;
};

export type RunOptions = {
  readonly image?: string;
  /** Options of `docker run` beside those of the lab. */
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly command?: readonly string[];
};

export const containerOf = (id: string): Container => ({
  id,
  line: (pattern) => awaitLine(id, pattern),
  log: async () => {
    const { stdout, stderr } = await runClient("docker", ["logs", id]);
    return stdout.toString() + stderr;
  },
  stop: async (seconds) => void (await docker("stop", "--time", String(seconds), id)),
  kill: async (signal) => void (await docker("kill", "--signal", signal, id)),
  start: async () => void (await docker("start", id)),
  ended: async () => Number(await docker("wait", id)),
  file: (path) => readFileIn(id, path),
  signals: async () => {
    const [since = "", until = ""] = (
      await docker("inspect", "--format", "{{.Created}} {{.State.FinishedAt}}", id)
    ).split(" ");
    const format = "{{.Actor.Attributes.signal}}";
    const filters = ["--filter", `container=${id}`, "--filter", "event=kill"];
    const text = await docker("events", "--since", since, "--until", until, ...filters, "--format", format);
    return text.split("\n").filter(Boolean).map(Number);
  },
});

/** Containers and volumes of one test file, all gone after its last test. */
export const createLab = () => {
  const label = `kgsync.test=${randomUUID()}`;

  const remove = async (list: readonly string[], drop: readonly string[]): Promise<void> => {
    const ids = (await docker(...list, "--quiet", "--filter", `label=${label}`)).split("\n").filter(Boolean);
    if (ids.length > 0) await docker(...drop, ...ids);
  };
  afterAll(async () => {
    await remove(["ps", "--all"], ["rm", "--force", "--volumes"]);
    await remove(["network", "ls"], ["network", "rm"]);
    await remove(["volume", "ls"], ["volume", "rm"]);
  });

  const start = async (options: RunOptions): Promise<Container> => {
    const { image = SAMPLE_IMAGE, flags = HARDENED, env = {}, command = [] } = options;
    const settings = Object.entries(env).flatMap(([name, value]) => ["--env", `${name}=${value}`]);
    return containerOf(await docker("run", "--detach", "--label", label, ...flags, ...settings, image, ...command));
  };

  /** Puts files into a volume (paths within it), all of it the image user's. */
  const fill = async (volume: string, files: Readonly<Record<string, Uint8Array>>): Promise<void> => {
    const take = Object.entries(files).map(
      ([path, bytes]) => `mkdir -p "$(dirname '/v/${path}')" && head -c ${bytes.length} >'/v/${path}'`,
    );
    const script = [...take, "chown -R 65532:65532 /v"].join(" && ");
    const flags = ["--rm", "--interactive", "--user", "0", "--volume", `${volume}:/v`, "--entrypoint", "sh"];
    const input = Buffer.concat(Object.values(files));
    const { code, stderr } = await runClient("docker", ["run", ...flags, IMAGE, "-c", script], { input });
    if (code !== 0) throw new Error(`files for volume ${volume}: ${stderr}`);
  };

  const volume = async (files: Readonly<Record<string, Uint8Array>> = {}): Promise<string> => {
    const name = await docker("volume", "create", "--label", label);
    await fill(name, files);
    return name;
  };

  const network = (): Promise<string> => docker("network", "create", "--label", label, `kgsync-${randomUUID()}`);

  /** A bucket on a volume (`BUCKET_ENV` names it to kgsync), holding this graph, and an empty disk for the app. */
  const disks = async (graph?: Uint8Array) => {
    const [bucket, state] = await Promise.all([volume(graph === undefined ? {} : { [GRAPH_KEY]: graph }), volume()]);
    return {
      bucket,
      state,
      flags: [...HARDENED, "--volume", `${bucket}:/bucket`, "--volume", `${state}:/data/amadeus`],
    };
  };

  return { label, start, fill, volume, network, disks };
};
