import { describe, expect, it } from "vitest";
import { docker } from "../support/docker.ts";
import { createLab, IMAGE } from "../support/docker-lab.ts";

const lab = createLab();
const env = { KGSYNC_BUCKET: "file:///data/bucket" };
const REMOTE = "/data/bucket/knowledge_graph.json";

/** Who reaps above kgsync's own tini. */
const WAYS: Readonly<Record<string, () => Promise<readonly string[]>>> = {
  "as PID 1": async () => [],
  "under --init": async () => ["--init"],
  "in another container's PID namespace, whose PID 1 reaps nobody": async () => {
    const other = await lab.start({ image: IMAGE, flags: ["--entrypoint", "tail"], command: ["-f", "/dev/null"] });
    return [`--pid=container:${other.id}`];
  },
};

describe.concurrent.each(Object.entries(WAYS))("%s", (_, flags) => {
  it.concurrent("a thousand orphans leave no zombie", async () => {
    // Each outlives its parent, so it is somebody else's child when it ends.
    const script = `i=0; while [ $i -lt 1000 ]; do (sleep 1 &); i=$((i + 1)); done
      while grep -qs '(sleep) S' /proc/[0-9]*/stat; do sleep 0.1; done
      while grep -qs ') Z ' /proc/[0-9]*/stat; do sleep 0.1; done; echo none`;
    const app = await lab.start({ flags: await flags(), env, command: ["sh", "-c", script] });
    await app.line(/^none$/);
    expect(await app.ended()).toBe(0);
  });

  it.concurrent("a daemon in a session of its own is ended by TERM before the last look at its file", async () => {
    const daemon = `trap "printf {\\\\\\"by\\\\\\":\\\\\\"daemon\\\\\\"} >amadeus/knowledge_graph.json; exit" TERM
      echo >up; while :; do sleep 0.05; done`;
    const script = `setsid sh -c '${daemon}' & until [ -e up ]; do sleep 0.05; done
      printf '{"by":"main"}' >amadeus/knowledge_graph.json; exit 4`;
    const app = await lab.start({ flags: await flags(), env, command: ["sh", "-c", script] });
    expect({ code: await app.ended(), log: await app.log() }).toMatchObject({ code: 4 });
    expect((await app.file(REMOTE))?.toString()).toBe('{"by":"daemon"}');
  });
});

it("a grandchild that holds the app's output does not hold the container", async () => {
  const script = "trap '' TERM; setsid sh -c 'trap \"\" TERM; while :; do sleep 600; done' & exit 5";
  const app = await lab.start({ flags: [], env: { ...env, KGSYNC_QUIESCE: "100ms" }, command: ["sh", "-c", script] });
  expect(await app.ended()).toBe(5);
});

it("what writes on in the background writes nothing behind the last push", async () => {
  const script = `(trap '' TERM; n=0; while :; do n=$((n + 1)); printf '{"n":%d}' $n >amadeus/new
      mv amadeus/new amadeus/knowledge_graph.json; done) & until [ -s amadeus/knowledge_graph.json ]; do :; done; exit 0`;
  const app = await lab.start({ flags: [], env: { ...env, KGSYNC_QUIESCE: "100ms" }, command: ["sh", "-c", script] });
  expect(await app.ended()).toBe(0);
  const [disk, bucket] = await Promise.all([app.file("/data/amadeus/knowledge_graph.json"), app.file(REMOTE)]);
  expect(disk?.toString()).toMatch(/^{"n":\d+}$/);
  expect(bucket).toEqual(disk);
});

/** Where kgsync runs, and how its killer finds it. */
const KILLED: Readonly<Record<string, readonly string[]>> = {
  "tini as PID 1": [],
  "--init": ["--init"],
  "the host's PID namespace": ["--pid=host"],
};

describe.concurrent.each(Object.entries(KILLED))("kgsync killed under %s", (_, flags) => {
  it.concurrent("takes the app with it: nobody writes any more, and the code is 137", async () => {
    // Children in other groups and sessions too; each writes until it dies.
    const writer = "echo >>up; while :; do date +%s%N >>beat; sleep 0.01; done";
    const script = `setsid sh -c '${writer}' & sh -c '${writer}' & trap '' TERM HUP INT
      until [ "$(wc -l <up)" = 2 ]; do sleep 0.05; done
      echo "kgsync is $PPID"; while :; do date +%s%N >>beat; sleep 0.01; done`;
    const app = await lab.start({ flags, env, command: ["sh", "-c", script] });
    const kgsync = (await app.line(/^kgsync is /)).split(" ").at(-1);
    await docker("exec", "--user", "0", app.id, "sh", "-c", `kill -KILL ${kgsync}`);
    expect(await app.ended()).toBe(137);
    const seen = (await app.file("/data/beat"))?.length ?? 0;
    expect(seen).toBeGreaterThan(0);
    expect((await app.file("/data/beat"))?.length).toBe(seen);
  });
});
