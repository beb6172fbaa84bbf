import { spawn } from "node:child_process";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import type { S3Operation } from "../support/s3-double/s3-request.ts";
import { type S3Double, startS3Double } from "../support/s3-double/start-s3-double.ts";
import { createStoryPlace, graphOf, s3Env } from "../support/story-place.ts";
import { useBundle } from "../support/use-bundle.ts";

const bin = useBundle();
type Place = ReturnType<typeof createStoryPlace>;
type Env = Readonly<Record<string, string>>;

const GRAPH = "app/knowledge_graph.json";
const BACKUPS = Array.from({ length: 20 }, (_, n) => `knowledge_graph_20260101_${100000 + n}.json`);
const ERASE = "\r\u001b[K";

const filled = async (): Promise<S3Double> => {
  const server = await startS3Double();
  onTestFinished(server.close);
  server.put(GRAPH, graphOf("alpha"));
  for (const name of BACKUPS) server.put(`app/backups/${name}`, graphOf(name));
  return server;
};

/** On a pseudo terminal of its own (script(1)): both outputs, as one screen. */
const onTerminal = (place: Place, args: readonly string[], env: Env) => {
  const quoted = [process.execPath, bin(), ...args].map((word) => `'${word}'`).join(" ");
  const started = spawn("script", ["-qec", `exec ${quoted}`, "/dev/null"], {
    stdio: ["pipe", "pipe", "inherit"],
    cwd: place.cwd,
    env: { PATH: process.env["PATH"], TERM: "xterm", ...place.base, ...env },
  });
  let screen = "";
  started.stdout.on("data", (bytes) => {
    screen += bytes;
  });
  const ended = new Promise<number | null>((resolve) => started.once("close", (code) => resolve(code)));
  onTestFinished(async () => {
    started.kill("SIGKILL");
    await ended;
  });
  const shows = (pattern: RegExp): Promise<void> =>
    vi.waitFor(() => expect(screen).toMatch(pattern), { timeout: 30_000, interval: 10 });
  return { type: (keys: string) => void started.stdin.write(keys), screen: () => screen, shows, ended };
};

/** What stays on the screen: the erasing takes away all that stood in its line. */
const left = (screen: string): readonly string[] =>
  screen
    .split("\n")
    .map((line) => line.split(ERASE).at(-1)?.trimEnd() ?? "")
    .filter((line) => line !== "");

/** The request is answered when `release` is called; `arrived` when it is there. */
const hold = (server: S3Double, operation: S3Operation, key: string) => {
  const gate = Promise.withResolvers<void>();
  const arrived = Promise.withResolvers<void>();
  const run = (): Promise<void> => {
    arrived.resolve();
    return gate.promise;
  };
  onTestFinished(() => gate.resolve());
  server.faults.add({ operation, key }, { kind: "first", run });
  return { arrived: arrived.promise, release: () => gate.resolve() };
};

test("a pull at a terminal tells what it waits for, and leaves nothing of it between the lines of its log", async () => {
  const place = createStoryPlace(bin);
  const server = await filled();
  const graph = hold(server, "GetObject", GRAPH);
  const backup = hold(server, "GetObject", `app/backups/${BACKUPS[7]}`);
  const terminal = onTerminal(place, ["pull"], { ...s3Env(server), NO_COLOR: "1" });
  await terminal.shows(/kgsync: graph, 1 s/);
  graph.release();
  await terminal.shows(/kgsync: backups 19\/20, \d+\.\d KiB, \d+ s/);
  backup.release();
  expect(await terminal.ended).toBe(0);
  server.faults.expectAllPlayed();
  const lines = left(terminal.screen());
  expect(lines.length).toBeGreaterThan(0);
  expect(lines.filter((line) => !/^\d\d:\d\d:\d\d\.\d{3} [A-Z]+ +\S/.test(line))).toEqual([]);
});

test("a push at a terminal tells how many of the backups are in the bucket", async () => {
  const place = createStoryPlace(bin);
  const server = await filled();
  const names = ["a.json", "b.json", "c.json"];
  for (const name of names) place.put(join(place.backups, name), graphOf(name));
  place.setLocal(graphOf("alpha"));
  const last = hold(server, "PutObject", "app/backups/b.json");
  const terminal = onTerminal(place, ["push"], s3Env(server));
  await terminal.shows(/kgsync: backups 2\/3, \d+\.\d KiB, \d+ s/);
  last.release();
  expect(await terminal.ended).toBe(0);
  server.faults.expectAllPlayed();
  expect(left(terminal.screen()).join("\n")).not.toContain("kgsync: ");
});

test("the line is gone before the app has the terminal, and does not come back", async () => {
  const place = createStoryPlace(bin);
  const server = await filled();
  const graph = hold(server, "GetObject", GRAPH);
  const script = "echo app-began; until [ -e go ]; do read -t 0.3 _ || echo tick >>ticks; done; echo app-ended";
  const terminal = onTerminal(place, ["run", "--", "bash", "-c", script], {
    ...s3Env(server),
    KGSYNC_LOG_LEVEL: "warn",
  });
  await terminal.shows(/kgsync: graph, (?:.*, )?\d+ s/);
  graph.release();
  await terminal.shows(/app-began/);
  const put = hold(server, "PutObject", GRAPH);
  place.setLocal(graphOf("alpha", "beta"));
  await put.arrived;
  const ticks = (): number => (place.textAt(join(place.cwd, "ticks")) ?? "").length / "tick\n".length;
  const before = ticks();
  await vi.waitFor(() => expect(ticks()).toBeGreaterThan(before + 6), { timeout: 30_000, interval: 10 });
  put.release();
  place.put(join(place.cwd, "go"), "");
  expect(await terminal.ended).toBe(0);
  server.faults.expectAllPlayed();
  expect(terminal.screen().slice(terminal.screen().indexOf("app-began"))).not.toContain("kgsync: ");
  expect(left(terminal.screen())).toEqual(["app-began", "app-ended"]);
});

test("a question has a line of its own, and the line comes back after the answer", async () => {
  const place = createStoryPlace(bin);
  const server = await filled();
  place.put(join(place.cwd, "other.json"), graphOf("alpha", "beta"));
  const graph = hold(server, "GetObject", GRAPH);
  const again = hold(server, "GetObject", GRAPH); // between the preview and the question, to look at the disk
  const terminal = onTerminal(place, ["restore", "./other.json"], s3Env(server));
  await terminal.shows(/kgsync: graph, \d+ s/);
  graph.release();
  await terminal.shows(/1 added\s[\s\S]*kgsync: graph, /);
  again.release();
  await terminal.shows(/\[y\/N\]/);
  expect(left(terminal.screen()).at(-1)).toMatch(/^Make this the graph in .* \[y\/N\]$/);
  const put = hold(server, "PutObject", GRAPH);
  terminal.type("y\n");
  await terminal.shows(/\[y\/N\][\s\S]*kgsync: graph, /);
  put.release();
  expect(await terminal.ended).toBe(0);
  server.faults.expectAllPlayed();
  expect(left(terminal.screen()).join("\n")).not.toContain("kgsync: ");
});

test("a prune at a terminal tells how many of how many are removed", async () => {
  const place = createStoryPlace(bin);
  const server = await filled();
  for (let n = 0; n < 6; n += 1) server.put(`app/.kgsync/versions/${n}123456789abcdef.json`, graphOf(`version${n}`));
  const gate = Promise.withResolvers<void>();
  onTestFinished(() => gate.resolve());
  server.faults.add({ operation: "DeleteObject", skip: 2 }, { kind: "first", run: () => gate.promise });
  const terminal = onTerminal(place, ["prune"], { ...s3Env(server), KGSYNC_HISTORY: "1" });
  await terminal.shows(/kgsync: removing 2\/5, \d+ s/);
  gate.resolve();
  expect(await terminal.ended).toBe(0);
  server.faults.expectAllPlayed();
  expect(left(terminal.screen()).join("\n")).not.toContain("kgsync: ");
});

test("Ctrl-C takes the line away", async () => {
  const place = createStoryPlace(bin);
  const server = await filled();
  hold(server, "GetObject", GRAPH);
  const terminal = onTerminal(place, ["pull"], s3Env(server));
  await terminal.shows(/kgsync: graph, \d+ s/);
  terminal.type("\u0003");
  expect(await terminal.ended).toBe(130);
  expect(left(terminal.screen()).join("\n")).not.toContain("kgsync: ");
});

test("who asks the kgsync that runs sees that it has not answered yet", async () => {
  const place = createStoryPlace(bin);
  const server = await filled();
  const run = place.run({}, s3Env(server));
  await run.waitForEvent("child.started");
  const put = hold(server, "PutObject", GRAPH);
  place.setLocal(graphOf("alpha", "beta"));
  await put.arrived;
  const terminal = onTerminal(place, ["sync"], s3Env(server));
  await terminal.shows(/kgsync: answer of the running kgsync, \d+ s/);
  put.release();
  expect(await terminal.ended).toBe(0);
  expect(left(terminal.screen()).join("\n")).not.toContain("kgsync: ");
  run.signal("SIGTERM");
  await run.ended;
  expect(run.err()).not.toContain(ERASE);
});

/** More than a second of it: a byte every few milliseconds. */
const drip = (server: S3Double): void => server.faults.add({ operation: "ListObjectsV2" }, { kind: "drip" });

test.each([
  ["shown", ["log", "--all"], {}, true],
  ["JSON is asked for", ["log", "--all", "--json"], {}, false],
  ["nothing is to be said", ["log", "--all"], { KGSYNC_LOG_LEVEL: "silent" }, false],
  ["the log is JSON", ["log", "--all"], { KGSYNC_LOG_FORMAT: "json" }, false],
  ["the terminal cannot erase", ["log", "--all"], { TERM: "dumb" }, false],
] as const)("at a terminal: %s", async (_, args, env, shown) => {
  const place = createStoryPlace(bin);
  const server = await filled();
  drip(server);
  const terminal = onTerminal(place, args, { ...s3Env(server), ...env });
  expect(await terminal.ended).toBe(0);
  server.faults.expectAllPlayed();
  expect(terminal.screen().includes("kgsync: ")).toBe(shown);
  expect(terminal.screen().includes(ERASE)).toBe(shown);
  expect(left(terminal.screen()).join("\n")).not.toContain("kgsync: ");
  expect(terminal.screen()).toContain(BACKUPS[3]);
});

test("a pipe gets nothing", async () => {
  const place = createStoryPlace(bin);
  const server = await filled();
  drip(server);
  const command = place.start(["log", "--all"], s3Env(server));
  expect(await command.ended).toEqual({ code: 0, signal: null });
  server.faults.expectAllPlayed();
  expect(command.err()).toBe("");
  expect(command.out()).not.toContain("\r");
});
