import { expect, onTestFinished, test } from "vitest";
import { type ProxyMode, startFaultyProxy } from "../support/faulty-proxy.ts";
import type { LogLine, RunningKgsync } from "../support/run-kgsync.ts";
import { startS3Double } from "../support/s3-double/start-s3-double.ts";
import { createStoryPlace, graphOf, manyServices, s3Env } from "../support/story-place.ts";
import { useBundle } from "../support/use-bundle.ts";

const bin = useBundle();
const LIMITS = {
  KGSYNC_START_TIMEOUT: "2s",
  KGSYNC_REQUEST_TIMEOUT: "500ms",
  KGSYNC_CONNECT_TIMEOUT: "500ms",
  KGSYNC_FINAL_TIMEOUT: "2s",
  KGSYNC_GRACE: "3s",
};
const MODES: readonly ProxyMode[] = ["silent", "drip", "reset"];

/** A bucket behind a line that can be spoilt. */
const server = async (mode: ProxyMode = "pass") => {
  const double = await startS3Double();
  const proxy = await startFaultyProxy(Number(new URL(double.endpoint).port), mode);
  onTestFinished(async () => {
    await proxy.close();
    await double.close();
  });
  const env = { ...s3Env({ ...double, endpoint: `http://127.0.0.1:${proxy.port}` }), ...LIMITS };
  return { double, proxy, env, graph: () => double.objects.get("app/knowledge_graph.json")?.body.toString() };
};

const BIG = graphOf(...manyServices(2000));

/** Milliseconds of the log's own clock between two of its lines. */
const between = (from: LogLine, to: LogLine): number =>
  Date.parse(String(to["time"])) - Date.parse(String(from["time"]));

const endOf = (run: RunningKgsync): Promise<LogLine> => run.waitForEvent("end");

test.for(MODES)("%s at the start: refused within KGSYNC_START_TIMEOUT, the app is never started", async (mode) => {
  const place = createStoryPlace(bin);
  const { double, env, proxy } = await server(mode);
  double.put("app/knowledge_graph.json", BIG); // by drips it takes minutes
  const run = place.run({}, env);
  expect(await run.ended).toEqual({ code: 69, signal: null });
  expect(proxy.connections()).toBeGreaterThan(0);
  expect(place.marks()).toEqual([]);
  expect(between(await run.waitForEvent("start"), await endOf(run))).toBeLessThan(4000);
  expect(place.local()).toBeUndefined();
});

test.for(MODES)(
  "%s while the app runs: the app does not notice, and the save goes up when the line is good again",
  async (mode) => {
    const place = createStoryPlace(bin);
    const { proxy, env, graph } = await server();
    const run = place.run({ save: graphOf("first") }, { ...env, KGSYNC_INTERVAL: "200ms" });
    await run.waitForEvent("push.stored");
    proxy.setMode(mode);
    const before = proxy.connections();
    run.say(JSON.stringify({ save: graphOf("first", "later") }));
    if (mode === "drip") await expect.poll(graph, { timeout: 30_000 }).toBe(graphOf("first", "later"));
    else await expect.poll(proxy.connections, { timeout: 30_000 }).toBeGreaterThan(before + 1);
    run.say(JSON.stringify({ file: ["alive", "yes"] }));
    await run.waitForLine(/did file/);
    proxy.setMode("pass");
    await expect.poll(graph, { timeout: 60_000 }).toBe(graphOf("first", "later"));
    run.signal("SIGTERM");
    expect(await run.ended).toEqual({ code: 143, signal: null });
  },
);

test.for(MODES)("%s at the stop: the end comes within the grace, and tells the truth about the data", async (mode) => {
  const place = createStoryPlace(bin);
  const { proxy, env, graph } = await server();
  const run = place.run({ save: graphOf("first") }, { ...env, KGSYNC_WATCH: "off", KGSYNC_INTERVAL: "300ms" });
  await run.waitForEvent("push.stored");
  proxy.setMode(mode);
  run.say(JSON.stringify({ save: BIG }));
  await run.waitForLine(/did save/);
  run.signal("SIGTERM");
  const plan = await run.waitForEvent("stop.plan");
  const { code } = await run.ended;
  const end = await endOf(run);
  // Drops may still add up to an answer in time. Never a wrong claim: `safe` only when it is there.
  expect(code).toBe(end["data"] === "safe" ? 143 : 75);
  if (mode !== "drip") expect(end["data"]).toBe("unsafe");
  if (end["data"] === "safe") expect(graph()).toBe(BIG);
  expect(between(plan, end)).toBeLessThan(3000);
  expect(place.local()).toBe(BIG);
});

test.for(MODES)(
  "%s at the end of an app that ends by itself: at most KGSYNC_FINAL_TIMEOUT, and the truth about the data",
  async (mode) => {
    const place = createStoryPlace(bin);
    const { proxy, env, graph } = await server();
    const run = place.run({ save: graphOf("first") }, { ...env, KGSYNC_WATCH: "off", KGSYNC_INTERVAL: "300ms" });
    await run.waitForEvent("push.stored");
    proxy.setMode(mode);
    run.say(JSON.stringify({ save: BIG, exit: 0 }));
    const { code } = await run.ended;
    const end = await endOf(run);
    expect(code).toBe(end["data"] === "safe" ? 0 : 75);
    if (mode !== "drip") expect(end["data"]).toBe("unsafe");
    if (end["data"] === "safe") expect(graph()).toBe(BIG);
    expect(between(await run.waitForEvent("child.ended"), end)).toBeLessThan(4000);
  },
);

test("a server that stalls half-way through the graph: the try is given up, the next one brings it", async () => {
  const place = createStoryPlace(bin);
  const { double, env } = await server();
  double.put("app/knowledge_graph.json", BIG);
  double.faults.add({ operation: "GetObject", key: "app/knowledge_graph.json" }, { kind: "stall-body" });
  double.faults.add({ operation: "GetObject", key: "app/knowledge_graph.json" }, { kind: "truncated-body" });
  const run = place.run({}, { ...env, KGSYNC_START_TIMEOUT: "30s" });
  await run.waitForLine(/app: ready/);
  double.faults.expectAllPlayed();
  expect(place.local()).toBe(BIG);
  run.signal("SIGTERM");
  expect((await run.ended).code).toBe(143);
});
