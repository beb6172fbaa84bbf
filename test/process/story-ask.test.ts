import { spawn } from "node:child_process";
import { expect, onTestFinished, test, vi } from "vitest";
import { createStoryPlace, graphOf } from "../support/story-place.ts";
import { useBundle } from "../support/use-bundle.ts";

const bin = useBundle();
type Place = ReturnType<typeof createStoryPlace>;

/** A bucket with two versions; answers the older one's name. */
const createHistory = async (): Promise<{ readonly place: Place; readonly version: string }> => {
  const place = createStoryPlace(bin);
  for (const services of [["one", "two"], ["one"]]) {
    place.setLocal(graphOf(...services));
    expect((await place.start(["push"]).ended).code).toBe(0);
  }
  const log = place.start(["log", "--json"]);
  await log.ended;
  const rows: readonly { readonly kind: string; readonly name: string }[] = JSON.parse(log.out()).entries;
  return { place, version: rows.find(({ kind }) => kind === "version")?.name ?? "" };
};

/** On a pseudo terminal of its own (script(1)); what is written to it is typed on the keyboard. */
const onTerminal = (place: Place, args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
  const started = spawn("script", ["-qec", `exec ${process.execPath} ${bin()} ${args.join(" ")}`, "/dev/null"], {
    stdio: ["pipe", "pipe", "inherit"],
    cwd: place.cwd,
    env: { PATH: process.env["PATH"], HOME: place.root, KGSYNC_BUCKET: `file://${place.bucket}`, ...env },
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
  const asked = (): Promise<void> =>
    vi.waitFor(() => expect(screen).toContain("[y/N]"), { timeout: 30_000, interval: 10 });
  return { type: (keys: string) => started.stdin.write(keys), ended, screen: () => screen, asked };
};

test("on a terminal a restore shows what would change, in colour, and waits for a yes", async () => {
  const { place, version } = await createHistory();
  const terminal = onTerminal(place, ["restore", version]);
  await terminal.asked();
  expect(terminal.screen()).toContain("\u001b[32m  + two: {…} 4 values\u001b[0m");
  expect(place.remote()).toBe(graphOf("one"));
  terminal.type("y\n");
  expect(await terminal.ended).toBe(0);
  expect([place.remote(), place.local()]).toEqual([graphOf("one", "two"), graphOf("one", "two")]);
});

test.each([
  ["a no", "n\n", 1],
  ["nothing", "\n", 1],
  ["the end of the input", "\u0004", 1],
  ["Ctrl-C", "\u0003", 130],
])("%s changes nothing, and the files are let go", async (_, keys, code) => {
  const { place, version } = await createHistory();
  const before = place.objects();
  const terminal = onTerminal(place, ["restore", version], { NO_COLOR: "1" });
  await terminal.asked();
  expect(terminal.screen()).not.toContain("\u001b[3");
  terminal.type(keys);
  expect(await terminal.ended).toBe(code);
  expect([place.objects(), place.remote(), place.local()]).toEqual([before, graphOf("one"), graphOf("one")]);
  expect((await place.start(["restore", version, "--yes"]).ended).code).toBe(0);
});
