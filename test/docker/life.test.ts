import { describe, expect, it, vi } from "vitest";
import { docker } from "../support/docker.ts";
import { BUMP_COMMAND, bumped, withoutClock } from "../support/docker-graph.ts";
import { BUCKET_ENV, createLab, GRAPH, IMAGE, REMOTE } from "../support/docker-lab.ts";
import { sampleGraphBytes } from "../support/sample-graph.ts";

const lab = createLab();
const PATIENCE = { timeout: 60_000, interval: 50 };
/** Nothing but the start and the stop may push. */
const QUIET = { ...BUCKET_ENV, KGSYNC_WATCH: "off", KGSYNC_INTERVAL: "0" };

describe.concurrent("a container's life", () => {
  it("has tini as PID 1, kgsync below it, and the app in a session of its own", async () => {
    const { flags } = await lab.disks();
    const app = await lab.start({ flags, env: BUCKET_ENV });
    const pid = /pid=(\d+)/.exec(await app.line(/^ready /))?.[1];
    const inside = (script: string): Promise<string> => docker("exec", app.id, "sh", "-c", script);
    expect(await inside("cat /proc/1/comm")).toBe("tini");
    // proc_pid_stat(5): pid (comm) state ppid pgrp session
    const [, , , parent, group, session] = (await inside(`cat /proc/${pid}/stat`)).split(" ");
    expect({ group, session }).toEqual({ group: pid, session: pid });
    expect(await inside(`tr '\\0' ' ' </proc/${parent}/cmdline`)).toMatch(/kgsync\.cjs run -- node /);
    expect((await inside(`cat /proc/${parent}/stat`)).split(" ")[3]).toBe("1");
  });

  it("brings the graph byte for byte, and takes the last save back byte for byte when it is stopped", async () => {
    const graph = sampleGraphBytes();
    const { flags } = await lab.disks(graph);
    const app = await lab.start({ flags, env: BUCKET_ENV, command: BUMP_COMMAND });
    await app.line(/^up$/);
    expect(await app.file(GRAPH)).toEqual(Buffer.from(graph));
    await app.stop(10);
    expect(await app.ended()).toBe(0);
    expect(await app.signals()).toEqual([15]);
    expect(await app.log()).toMatch(/^bumped$/m);
    expect(await app.file(GRAPH)).toEqual(bumped(graph));
    expect(await app.file(REMOTE)).toEqual(bumped(graph));
  });

  it("brings the sample app's saves and backups to the bucket", async () => {
    const { flags } = await lab.disks(sampleGraphBytes());
    const app = await lab.start({ flags, env: BUCKET_ENV });
    await app.line(/^ready /);
    await app.kill("USR1");
    await app.line(/^saved backup /);
    await app.stop(10);
    expect(await app.ended()).toBe(0);
    const last = await app.file(GRAPH);
    expect(last?.toString()).toMatch(/"sample1"/);
    expect(withoutClock(await app.file(REMOTE))).toBe(withoutClock(last));
    const list = ["--entrypoint", "ls", IMAGE, "/bucket/demo/backups"];
    expect(await docker("run", "--rm", ...flags, ...list)).toMatch(/^knowledge_graph_\d{8}_\d{6}\.json$/m);
  });

  it("comes back after SIGKILL with the save that no upload had seen, and pushes it", async () => {
    const graph = sampleGraphBytes({ seed: 2 });
    const { bucket, flags } = await lab.disks(graph);
    const app = await lab.start({ flags, env: QUIET });
    await app.line(/^ready /);
    await app.kill("USR1");
    await app.line(/^saved backup /);
    await app.kill("KILL");
    expect(await app.ended()).toBe(137);
    expect(await app.file(REMOTE)).toEqual(Buffer.from(graph));

    await app.start();
    await app.line(/^ready /);
    await vi.waitFor(async () => expect((await app.file(REMOTE))?.toString()).toMatch(/"sample1"/), PATIENCE);
    expect((await app.file(GRAPH))?.toString()).toMatch(/"sample1"/);
    await app.stop(10);
    expect(await app.ended()).toBe(0);

    const state = await lab.volume();
    const elsewhere = ["--volume", `${bucket}:/bucket`, "--volume", `${state}:/data/amadeus`];
    const next = await lab.start({ flags: elsewhere, env: QUIET, command: ["sleep", "infinity"] });
    await vi.waitFor(async () => expect((await next.file(GRAPH))?.toString()).toMatch(/"sample1"/), PATIENCE);
    await next.stop(10);
  });

  it("passes HUP and USR1 on, once each, and neither of them stops it", async () => {
    const { flags } = await lab.disks();
    const script = `trap 'echo got HUP' HUP; trap 'echo got USR1' USR1; trap 'echo bye; exit 0' TERM; echo up
      while :; do sleep 0.05; done`;
    const app = await lab.start({ flags, env: BUCKET_ENV, command: ["sh", "-c", script] });
    await app.line(/^up$/);
    for (const signal of ["HUP", "USR1"]) {
      await app.kill(signal);
      await app.line(new RegExp(`^got ${signal}$`));
    }
    await app.stop(10);
    expect(await app.ended()).toBe(0);
    const got = (await app.log()).split("\n").filter((line) => /^(got|bye)/.test(line));
    expect(got).toEqual(["got HUP", "got USR1", "bye"]);
    // there was no graph at either end, and nobody made one up
    expect(await app.file(REMOTE)).toBeUndefined();
  });

  it("starts without a graph when there is none anywhere, and brings the first one to the bucket", async () => {
    const { flags } = await lab.disks();
    const app = await lab.start({ flags, env: BUCKET_ENV });
    await app.line(/^saved start version=1\.0\.0 services=0$/);
    await app.line(/^ready /);
    await app.stop(10);
    expect(await app.ended()).toBe(0);
    const last = withoutClock(await app.file(GRAPH));
    expect(last).toMatch(/"services": \{\}/);
    expect(withoutClock(await app.file(REMOTE))).toBe(last);
  });

  it("leaves no zombie of an app's orphans", async () => {
    const { flags } = await lab.disks();
    // proc_pid_stat(5): `(sleep) S 1`: its parent is PID 1; a zombie's line stays until it is reaped
    const script = `for i in $(seq 50); do (sleep 1 &); done
      echo orphans=$(grep -sh '(sleep) . 1 ' /proc/[0-9]*/stat | wc -l)
      while grep -qs '(sleep) ' /proc/[0-9]*/stat; do :; done; echo reaped`;
    const app = await lab.start({ flags, env: BUCKET_ENV, command: ["sh", "-c", script] });
    expect(Number((await app.line(/^orphans=/)).slice("orphans=".length))).toBeGreaterThan(0);
    await app.line(/^reaped$/);
    expect(await app.ended()).toBe(0);
  });
});
