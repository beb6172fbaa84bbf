import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { alive } from "../support/child-box.ts";
import { createStoryPlace, graphOf } from "../support/story-place.ts";
import { useBundle } from "../support/use-bundle.ts";

const bin = useBundle();

/** Nobody here minds any signal but KILL. `job` is in a group of its own, as below an interactive shell. */
const FAMILY = `trap '' HUP INT TERM
  sh -c 'while :; do date +%N >amadeus/noise; sleep 0.01; done' & echo "child $!"
  set -m; sleep 600 & echo "job $!"; set +m
  printf '{"saved":"by the app"}' >amadeus/knowledge_graph.json
  echo "app $$"; while :; do sleep 0.01; done`;

test("kgsync is killed: the app and all that it started go with it, and what it saved is pushed by the next start", async () => {
  const place = createStoryPlace(bin);
  place.setRemote(graphOf("before"));
  const run = place.start(["run", "--", "bash", "-c", FAMILY], { KGSYNC_WATCH: "off", KGSYNC_INTERVAL: "0" });
  const [, app = ""] = await run.waitForLine(/app (\d+)/);
  const pids = [app, ...["child", "job"].map((name) => new RegExp(`${name} (\\d+)`).exec(run.out())?.[1] ?? "")].map(
    Number,
  );
  expect(pids.map((pid) => alive(pid))).toEqual([true, true, true]);
  await run.waitForEvent("child.started");
  await expect.poll(() => existsSync(join(place.cwd, "amadeus/noise")), { timeout: 30_000 }).toBe(true);
  process.kill(run.pid, "SIGKILL");
  await expect.poll(() => pids.filter((pid) => alive(pid)), { timeout: 30_000 }).toEqual([]);
  const noise = readFileSync(join(place.cwd, "amadeus/noise"), "utf8");
  expect(await run.ended).toEqual({ code: null, signal: "SIGKILL" });

  const next = place.run();
  await next.waitForLine(/app: ready/);
  expect(place.remote()).toBe('{"saved":"by the app"}');
  next.signal("SIGTERM");
  expect(await next.ended).toEqual({ code: 143, signal: null });
  expect(readFileSync(join(place.cwd, "amadeus/noise"), "utf8")).toBe(noise);
});

test("a run that ends as it should sends no KILL to anybody, and its guard goes with it", async () => {
  const place = createStoryPlace(bin);
  const find = `until for file in /proc/[0-9]*/cmdline; do
        tr '\\0' ' ' 2>/dev/null <$file | grep -q "kgsync-guard $$ all $" && echo $file && break; done; do :; done; exit 7`;
  const run = place.start(["run", "--", "sh", "-c", find]);
  const [, guard] = await run.waitForLine(/^\/proc\/(\d+)\/cmdline$/m);
  expect(await run.ended).toEqual({ code: 7, signal: null });
  await expect.poll(() => alive(Number(guard)), { timeout: 30_000 }).toBe(false);
});
