import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { closeSync, constants, openSync, readFileSync, readSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { createLogSink } from "../../../src/adapters/log-sink.ts";
import { createFakeClock } from "../../support/fake-clock.ts";
import { tempDir } from "../../support/temp-dir.ts";

const fixture = (name: string): string => fileURLToPath(new URL(`../../fixtures/${name}`, import.meta.url));

/** A real FIFO (Node's own pipes are sockets): the blocking end for a child, and a non-blocking one to read from. */
const fifo = () => {
  const path = join(tempDir(), "pipe");
  execFileSync("sh", ["-c", 'mkfifo "$0"', path]);
  const shared = openSync(path, constants.O_RDWR);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  onTestFinished(() => [shared, reader].forEach((fd) => void closeSync(fd)));
  const drain = (): string => {
    const buffer = Buffer.alloc(65_536);
    let text = "";
    try {
      for (;;) text += buffer.toString("utf8", 0, readSync(reader, buffer));
    } catch {
      return text; // EAGAIN: empty
    }
  };
  const flags = (): number => {
    const info = readFileSync(`/proc/self/fdinfo/${shared}`, "utf8");
    return Number.parseInt(/flags:\s+(\d+)/.exec(info)?.[1] ?? "", 8);
  };
  return { shared, drain, flags };
};

test("a full pipe that nobody reads stalls nothing: lines are dropped and counted, process.stderr is never touched", () => {
  const { shared, drain, flags } = fifo();
  const { stdout, status } = spawnSync(process.execPath, [fixture("log-to-full-pipe.ts"), "3000"], {
    stdio: ["ignore", "pipe", shared],
    encoding: "utf8",
    timeout: 15_000,
  });
  expect(status).toBe(0);
  const dropped = Number(/^dropped (\d+)\n$/.exec(stdout)?.[1]);
  expect(dropped).toBeGreaterThan(1000);
  expect(flags() & constants.O_NONBLOCK).toBe(0); // the description that the app shares still blocks
  const lines = drain().trimEnd().split("\n");
  expect(lines.every((line) => JSON.parse(line).msg === "one of many")).toBe(true); // whole lines only
});

test("what was queued comes out when somebody reads, in order, and a later line tells how many were dropped", async () => {
  const { shared, drain } = fifo();
  const child = spawn(process.execPath, [fixture("log-when-told.ts")], { stdio: ["pipe", "pipe", shared] });
  const ended = once(child, "exit");
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  if (child.stdin === null || child.stdout === null) throw new Error("no pipes");
  const said = createInterface(child.stdout)[Symbol.asyncIterator]();
  const dropped = Number((await said.next()).value);
  expect(dropped).toBeGreaterThan(0);
  let text = drain();
  child.stdin.end("go\n");
  let finished = false;
  void ended.then(() => {
    finished = true;
  });
  await expect
    .poll(
      () => {
        text += drain();
        return finished;
      },
      { interval: 2, timeout: 15_000 },
    )
    .toBe(true);
  text += drain();
  const lines = text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines.at(-1)).toMatchObject({ event: "test.last", dropped });
  expect(lines.slice(0, -1).map(({ line }) => line)).toEqual(lines.slice(0, -1).map((_, index) => index));
  expect((await said.next()).value).toBe("0");
  expect(Buffer.byteLength(text)).toBeGreaterThan(256 * 1024); // the pipe's 64 KB and the queue's 256
});

test("the retry costs less and less while nobody reads, and its timer ends with the queue", async () => {
  const { shared, drain } = fifo();
  const clock = createFakeClock();
  const sink = createLogSink({ clock, fd: shared });
  while (clock.pending() === 0) sink.write(`${"x".repeat(1000)}\n`);
  await clock.advance(10_000);
  expect(clock.next()).toBeGreaterThan(0);
  expect(clock.pending()).toBe(1);
  drain();
  await clock.advance(1000);
  expect(clock.pending()).toBe(0);
  expect(drain()).toBe(`${"x".repeat(1000)}\n`);
});

test("flush gives up at its deadline", async () => {
  const { shared } = fifo();
  const clock = createFakeClock();
  const sink = createLogSink({ clock, fd: shared });
  while (clock.pending() === 0) sink.write(`${"x".repeat(1000)}\n`);
  const flushed = sink.flush(100);
  await clock.advance(100);
  await flushed;
});

test("a closed pipe loses lines, not the process", () => {
  const folder = tempDir();
  const path = join(folder, "pipe");
  execFileSync("sh", ["-c", 'mkfifo "$0"', path]);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = openSync(path, constants.O_WRONLY);
  const sink = createLogSink({ clock: createFakeClock(), fd: writer });
  closeSync(reader);
  sink.write("nobody hears this\n");
  sink.write("nor this\n");
  expect(sink.dropped()).toBe(2);
  closeSync(writer);
});

test("a regular file is written as it is", () => {
  const path = join(tempDir(), "log");
  const fd = openSync(path, "a");
  const sink = createLogSink({ clock: createFakeClock(), fd });
  sink.write("one\n");
  sink.write("two\n");
  expect(readFileSync(path, "utf8")).toBe("one\ntwo\n");
  expect(sink.tty).toBe(false);
  closeSync(fd);
});

/** A file stands for the terminal: it keeps all that was written. */
const written = () => {
  const path = join(tempDir(), "log");
  const fd = openSync(path, "a");
  onTestFinished(() => closeSync(fd));
  return { sink: createLogSink({ clock: createFakeClock(), fd }), text: () => readFileSync(path, "utf8") };
};
const ERASE = "\r\u001b[K";
const shownAs = (text: string): string => `${ERASE}\u001b[?7l${text}\u001b[?7h`;

test("a status takes the place of the one before, and a line the place of the status", () => {
  const { sink, text } = written();
  sink.status("one");
  sink.status("two");
  sink.write("a line\n");
  sink.write("another\n");
  expect(text()).toBe(`${shownAs("one")}${shownAs("two")}${ERASE}a line\nanother\n`);
});

test("an empty status takes away what is shown, once, and writes nothing where nothing is", () => {
  const { sink, text } = written();
  sink.status("");
  expect(text()).toBe("");
  sink.status("one");
  sink.status("");
  sink.status("");
  expect(text()).toBe(`${shownAs("one")}${ERASE}`);
});

test("no status is queued where nobody reads; the one that is shown is taken away in its turn", async () => {
  const { shared, drain } = fifo();
  const clock = createFakeClock();
  const sink = createLogSink({ clock, fd: shared });
  sink.status("shown");
  sink.write("first\n");
  sink.status("again");
  while (clock.pending() === 0) sink.write(`${"x".repeat(1000)}\n`);
  sink.status("not shown");
  let text = drain();
  await clock.advance(1000);
  text += drain();
  expect(text.startsWith(`${shownAs("shown")}${ERASE}first\n${shownAs("again")}${ERASE}xxx`)).toBe(true);
  expect(text).not.toContain("not shown");
  expect(sink.dropped()).toBe(0);
});
