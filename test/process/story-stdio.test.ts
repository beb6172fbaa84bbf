import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { stateOf } from "../support/child-box.ts";
import { openPipe } from "../support/open-pipe.ts";
import { createStoryPlace, graphOf } from "../support/story-place.ts";
import { useBundle } from "../support/use-bundle.ts";

const bin = useBundle();
const O_NONBLOCK = 0o4000;
type Place = ReturnType<typeof createStoryPlace>;

/** With pipes that nobody reads before the test does. The app is a shell script. `socket`: stderr is one, and never read. */
const start = (place: Place, script: string, socket = false) => {
  mkdirSync(join(place.cwd, "amadeus"), { recursive: true });
  const out = openPipe();
  const err = openPipe();
  const started = spawn(process.execPath, [bin(), "run", "--", "sh", "-c", script], {
    cwd: place.cwd,
    env: {
      PATH: process.env["PATH"],
      MARK: join(place.root, "mark"),
      KGSYNC_BUCKET: `file://${place.bucket}`,
      KGSYNC_DEBOUNCE: "10ms",
      KGSYNC_QUIESCE: "100ms",
    },
    stdio: ["pipe", out.writeFd, socket ? "pipe" : err.writeFd],
  });
  for (const pipe of [out, err]) pipe.closeWriter();
  onTestFinished(() => {
    started.kill("SIGKILL");
    for (const { reader } of [out, err]) reader.destroy();
  });
  const stdin = started.stdin;
  if (stdin === null) throw new Error("no stdin");
  stdin.on("error", () => undefined);
  const ended = new Promise((resolve) => started.once("exit", (code, signal) => resolve(signal ?? code)));
  const streams = { stdout: out.reader, stderr: err.reader };
  const ends = Object.values(streams).map((reader) => new Promise((resolve) => reader.once("close", resolve)));
  const closed = Promise.all(ends);
  const collect = (stream: "stdout" | "stderr") => {
    const chunks: Buffer[] = [];
    streams[stream].on("data", (chunk: Buffer) => chunks.push(chunk));
    return () => Buffer.concat(chunks);
  };
  return { ...streams, stdin, kill: (signal: NodeJS.Signals) => started.kill(signal), ended, closed, collect };
};

/** Saves the graph named by each line of stdin, until stdin ends. */
const SAVE_LOOP = 'while read name; do printf %s "$name" > amadeus/knowledge_graph.json; done';
const saved = (place: Place, text: string): Promise<void> => expect.poll(place.remote, { timeout: 30_000 }).toBe(text);

test("400 KB to a stdout that nobody reads, while we log and push: not a byte is lost or changed", async () => {
  const place = createStoryPlace(bin);
  const bytes = randomBytes(400_000);
  writeFileSync(join(place.root, "big"), bytes);
  const { ended, stdin, closed, collect } = start(place, `cat ../big & ${SAVE_LOOP}; wait`);
  const log = collect("stderr");
  for (const name of ["one", "two", "three", "four", "five"]) {
    stdin.write(`${graphOf(name)}\n`);
    await saved(place, graphOf(name));
  }
  stdin.end();
  const out = collect("stdout");
  expect(await ended).toBe(0);
  await closed;
  expect(out().equals(bytes)).toBe(true);
  expect(
    log()
      .toString()
      .match(/push\.stored/g),
  ).toHaveLength(5);
});

test("stderr shared with our log and read late: the app's lines are whole and in order, and so are ours", async () => {
  const place = createStoryPlace(bin);
  const lines = 4000;
  const filler = "x".repeat(90);
  const count = `n=0; while [ $n -lt ${lines} ]; do n=$((n+1)); echo "app $n ${filler}" >&2; done`;
  const { ended, stdin, stdout, closed, collect } = start(place, `(${count}) & ${SAVE_LOOP}; wait`);
  for (const name of ["one", "two", "three"]) {
    stdin.write(`${graphOf(name)}\n`);
    await saved(place, graphOf(name));
  }
  stdin.end();
  const err = collect("stderr");
  stdout.resume();
  expect(await ended).toBe(0);
  await closed;
  const all = err().toString().split("\n").slice(0, -1);
  const app = all.filter((line) => line.startsWith("app "));
  expect(app).toEqual(Array.from({ length: lines }, (_, n) => `app ${n + 1} ${filler}`));
  const ours = all.filter((line) => !line.startsWith("app ")).map((line): unknown => JSON.parse(line).event);
  expect(ours.filter((event) => event === "push.stored")).toHaveLength(3);
  expect(ours.at(-1)).toBe("end");
});

test("stdin reaches the app byte for byte, and so does its end", async () => {
  const place = createStoryPlace(bin);
  const bytes = randomBytes(1_000_000);
  const { ended, stdin, stderr, closed, collect } = start(place, "cat");
  const out = collect("stdout");
  stderr.resume();
  stdin.end(bytes);
  expect(await ended).toBe(0);
  await closed;
  expect(out().equals(bytes)).toBe(true);
});

test("the app's descriptors are blocking, also after we have logged and pushed", async () => {
  const place = createStoryPlace(bin);
  const flags = "for n in 0 1 2; do grep flags /proc/self/fdinfo/$n; done";
  const { ended, stdin, stderr, closed, collect } = start(
    place,
    `read name; printf %s "$name" > amadeus/knowledge_graph.json; read go; ${flags}`,
  );
  const out = collect("stdout");
  stderr.resume();
  stdin.write(`${graphOf("one")}\n`);
  await saved(place, graphOf("one"));
  stdin.write("go\n");
  expect(await ended).toBe(0);
  await closed;
  const numbers = out()
    .toString()
    .trimEnd()
    .split("\n")
    .map((line) => Number.parseInt(line.split(/\s+/)[1] ?? "", 8));
  expect(numbers.map((flag) => flag & O_NONBLOCK)).toEqual([0, 0, 0]);
});

test.each([
  ["a full stderr", false],
  ["a full stderr that is a socket, as journald's or a Node program's,", true],
])("%s and that nobody reads stops neither the TERM nor the last push", async (_, socket) => {
  const place = createStoryPlace(bin);
  const script = `
    (trap '' TERM; exec yes >&2) & flood=$! # were it to die before us, sh would want to say so there too
    trap 'echo term >> "$MARK"; exit 0' TERM
    printf %s '${graphOf("last")}' > amadeus/knowledge_graph.json
    echo $flood
    while :; do wait $flood; done`;
  const { ended, kill, collect } = start(place, script, socket);
  const out = collect("stdout");
  await expect.poll(() => out().toString(), { timeout: 30_000 }).toMatch(/^\d+\n$/);
  const flood = Number(out().toString());
  await expect.poll(() => stateOf(flood), { timeout: 30_000 }).toBe("S"); // asleep in write(2): the pipe is full
  kill("SIGTERM");
  expect(await ended).toBe(0);
  expect(place.marks()).toEqual(["term"]);
  expect(place.remote()).toBe(graphOf("last"));
});

test("a log whose reader has gone stops nothing", async () => {
  const place = createStoryPlace(bin);
  const { ended, stdin, stderr, kill, collect } = start(place, `echo ready; ${SAVE_LOOP}; sleep 1000`);
  const out = collect("stdout");
  await expect.poll(() => out().toString(), { timeout: 30_000 }).toBe("ready\n");
  stderr.destroy();
  stdin.end(`${graphOf("one")}\n`);
  await saved(place, graphOf("one"));
  kill("SIGTERM");
  expect(await ended).toBe(143);
});
