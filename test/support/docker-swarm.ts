import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { docker, runClient } from "./docker.ts";

/** How long anything that Swarm does may take before it counts as stuck. */
const PATIENCE_MS = 120_000;

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/** Resolves when `look` answers with true; rejects, naming what was waited for, when it never does. */
export const until = async (what: string, look: () => boolean | Promise<boolean>): Promise<void> => {
  const end = performance.now() + PATIENCE_MS;
  while (!(await look())) {
    if (performance.now() > end) throw new Error(`waited in vain: ${what}`);
    await pause(100);
  }
};

/** Makes this engine a swarm of one node, if it is none yet. Answers what undoes that. */
export const joinSwarm = async (): Promise<() => Promise<void>> => {
  if ((await docker("info", "--format", "{{.Swarm.LocalNodeState}}")) === "active") return async () => undefined;
  await docker("swarm", "init", "--advertise-addr", "127.0.0.1", "--task-history-limit", "50");
  return async () => void (await docker("swarm", "leave", "--force"));
};

export type ServiceOptions = {
  readonly name: string;
  readonly image: string;
  /** Options of `docker service create` beside the usual. */
  readonly flags: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Folders of this machine and where the containers have them. */
  readonly folders: Readonly<Record<string, string>>;
  readonly command: readonly string[];
};

/** A container of a service, and the task that it is for, which is its host name too. */
export type TaskContainer = { readonly id: string; readonly task: string };

/** What the engine tells of containers. Swarm removes those that have ended, and the engine keeps few events: so, listen. */
const followEvents = (filter: readonly string[]) => {
  const since = ["--since", String(Math.floor(Date.now() / 1000))];
  const kinds = ["--filter", "type=container", "--filter", "event=start", "--filter", "event=die"];
  const format = ["--format", "{{.Action}} {{.Actor.Attributes.exitCode}}"];
  const stdio: ["ignore", "pipe", "ignore"] = ["ignore", "pipe", "ignore"];
  const child = spawn("docker", ["events", ...since, ...kinds, ...filter, ...format], { stdio });
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => lines.push(line));
  const of = (action: string): readonly string[] => lines.filter((line) => line.startsWith(`${action} `));
  return {
    started: (): number => of("start").length,
    /** Exit codes, the oldest first. */
    ended: (): readonly number[] => of("die").map((line) => Number(line.split(" ")[1])),
    close: (): void => void child.kill(),
  };
};

/**
 * A service on the host's network: no virtual addresses and no published ports, which need IPVS in the kernel. A container
 * that ends is followed by another at once, with nothing of the first one's disk.
 */
export const createService = async ({ name, image, flags, env, folders, command }: ServiceOptions) => {
  const mine = ["--filter", `label=com.docker.swarm.service.name=${name}`];
  const events = followEvents(mine);
  await docker(
    ...["service", "create", "--detach", "--quiet", "--name", name, "--network", "host", "--restart-delay", "0s"],
    ...["--hostname", "{{.Task.ID}}", "--update-monitor", "1s", "--update-failure-action", "pause"],
    ...Object.entries(folders).flatMap(([from, to]) => ["--mount", `type=bind,source=${from},target=${to}`]),
    ...Object.entries(env).flatMap(([key, value]) => ["--env", `${key}=${value}`]),
    ...flags,
    ...[image, ...command],
  );

  const running = async (): Promise<readonly TaskContainer[]> => {
    const format = '{{.ID}} {{.Label "com.docker.swarm.task.id"}}';
    const text = await docker("ps", "--no-trunc", ...mine, "--format", format);
    return text.split("\n").flatMap((line) => {
      const [id, task] = line.split(" ");
      return id === undefined || task === undefined ? [] : [{ id, task }];
    });
  };

  /** Replaces all containers. Answers with `completed`, or with the state that the update is stuck in. */
  const update = async (round: number): Promise<string> => {
    await docker("service", "update", "--detach", "--quiet", "--env-add", `ROUND=${round}`, name);
    // Until Swarm has begun there is no status at all, and the template fails.
    const format = "{{with .UpdateStatus}}{{.State}}{{end}}";
    let state = "";
    const over = async (): Promise<boolean> => {
      state = (await runClient("docker", ["service", "inspect", "--format", format, name])).stdout.toString().trim();
      return ["completed", "paused", "rollback_completed", "rollback_paused"].includes(state);
    };
    await until("the end of an update", over).catch(() => undefined);
    return state;
  };

  return {
    name,
    running,
    update,
    logs: async (id: string): Promise<string> => {
      const { stdout, stderr } = await runClient("docker", ["logs", id]);
      return stdout.toString() + stderr;
    },
    /**
     * Ends all containers as an update does, and waits until Swarm has forgotten their tasks too: docker.io 20.10 dies of a
     * nil pointer (SetServiceTasksRemove) when a service is removed while it forgets them.
     */
    end: async (): Promise<void> => {
      await docker("service", "scale", "--detach", `${name}=0`);
      const desired = (): Promise<string> => docker("service", "ps", "--format", "{{.DesiredState}}", name);
      const over = async (): Promise<boolean> =>
        (await running()).length === 0 && !/running|ready|remove/i.test(await desired());
      await until(`${name}: all have ended`, over);
    },
    /** The exit codes of all containers, when the last one has ended. */
    codes: async (): Promise<readonly number[]> => {
      await until(`${name}: the engine tells of every end`, () => events.ended().length === events.started());
      return events.ended();
    },
    remove: async (): Promise<void> => {
      events.close();
      await runClient("docker", ["service", "rm", name]);
    },
  };
};
