import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { docker } from "../support/docker.ts";
import { createLab, INITS_IMAGE } from "../support/docker-lab.ts";
import { tempDir } from "../support/temp-dir.ts";

const lab = createLab();
const env = { KGSYNC_BUCKET: "file:///data/bucket", KGSYNC_GRACE: "60s" };
const REMOTE = "/data/bucket/knowledge_graph.json";

type Init = { readonly flags: readonly string[]; readonly before?: readonly string[] };
const entry = (program: string, ...before: readonly string[]): Init => ({
  flags: ["--entrypoint", program],
  before: [...before, "kgsync", "run", "--"],
});

const INITS: Readonly<Record<string, Init>> = {
  "the image's own tini": { flags: [] },
  "docker run --init": { flags: ["--init"] },
  "tini -g": entry("tini", "-g", "--"),
  "dumb-init": entry("dumb-init"),
  "dumb-init --single-child": entry("dumb-init", "--single-child"),
  catatonit: entry("catatonit", "--"),
};

/** Says so at every TERM; ends a while after the first, so that a second one would be seen. */
const APP = `n=0; trap 'echo got TERM; n=1' TERM; echo "up under $PPID"; while [ $n = 0 ]; do sleep 0.05; done
  sleep 1; printf '{"by":"TERM"}' >amadeus/knowledge_graph.json; exit 6`;

const termsIn = (log: string): number => log.match(/^got TERM$/gm)?.length ?? 0;

describe.concurrent.each(Object.entries(INITS))("under %s", (_, { flags, before = [] }) => {
  const start = () => lab.start({ image: INITS_IMAGE, flags, env, command: [...before, "sh", "-c", APP] });

  it.concurrent("docker stop reaches the app once, and no line of the log is a warning", async () => {
    const app = await start();
    await app.line(/^up under /);
    await app.stop(60);
    expect({ code: await app.ended(), log: await app.log() }).toMatchObject({ code: 6 });
    expect(termsIn(await app.log())).toBe(1);
    expect(await app.log()).not.toMatch(/"level":"(?:warn|error)|\[WARN|[Ww]arning/);
    expect((await app.file(REMOTE))?.toString()).toBe('{"by":"TERM"}');
  });

  it.concurrent("a kgsync that is killed ends the container with 137", async () => {
    const app = await start();
    const kgsync = (await app.line(/^up under /)).split(" ").at(-1);
    await docker("exec", "--user", "0", app.id, "sh", "-c", `kill -KILL ${kgsync}`);
    expect(await app.ended()).toBe(137);
  });
});

it("under s6: docker stop reaches the app once, and no line of the log is a warning", async () => {
  const flags = ["--entrypoint", "sh"];
  const script = "cp -r /etc/s6-test /tmp/service && exec s6-svscan /tmp/service";
  const app = await lab.start({ image: INITS_IMAGE, flags, env: { ...env, APP }, command: ["-c", script] });
  await app.line(/^up under /);
  await app.stop(60);
  await app.ended();
  expect(termsIn(await app.log())).toBe(1);
  expect(await app.log()).not.toMatch(/"level":"(?:warn|error)/);
  expect((await app.file(REMOTE))?.toString()).toBe('{"by":"TERM"}');
});

it("a second docker stop is forwarded again, and there is one shutdown", async () => {
  const script = `n=0; trap 'n=$((n + 1)); echo got TERM' TERM; echo up; while [ $n -lt 2 ]; do sleep 0.05; done; exit 0`;
  const app = await lab.start({ flags: [], env, command: ["sh", "-c", script] });
  await app.line(/^up$/);
  const first = app.stop(60);
  await app.line(/^got TERM$/);
  await Promise.all([first, app.stop(60)]);
  expect(await app.ended()).toBe(0);
  expect(termsIn(await app.log())).toBe(2);
  expect((await app.log()).match(/"event":"stop.plan"/g)).toHaveLength(1);
});

it("a TERM at any time of the start is never lost, and nothing is put", async () => {
  await Promise.all(
    [0, 10, 20, 40, 60, 80, 120, 160, 200].map(async (ms) => {
      const app = await lab.start({ flags: [], env, command: ["sleep", "600"] });
      await pause(ms);
      await app.kill("TERM");
      expect({ ms, code: await app.ended(), log: await app.log() }).toMatchObject({ code: 143 });
      expect(await app.file(REMOTE)).toBeUndefined();
    }),
  );
});

it("the last line is also in /dev/termination-log, where there is one", async ({ onTestFinished }) => {
  const file = join(tempDir(onTestFinished), "last");
  writeFileSync(file, "");
  chmodSync(file, 0o666); // the container's user is another one than ours
  const flags = ["--volume", `${file}:/dev/termination-log`];
  const app = await lab.start({ flags, env, command: ["sh", "-c", "exit 3"] });
  expect(await app.ended()).toBe(3);
  expect(readFileSync(file, "utf8")).toMatch(/\(exit 3, data=safe\)/);
});
