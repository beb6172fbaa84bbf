import { connect } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { startFaultyProxy } from "../support/faulty-proxy.ts";
import type { RunningKgsync } from "../support/run-kgsync.ts";
import { startS3Double } from "../support/s3-double/start-s3-double.ts";
import { createStoryPlace, graphOf, s3Env } from "../support/story-place.ts";
import { useBundle } from "../support/use-bundle.ts";

const bin = useBundle();
const HTTP = { KGSYNC_HTTP: "127.0.0.1:0" };
const PATIENCE = { timeout: 60_000 };

/** Asks the port that the log names. */
const asking = async (run: RunningKgsync) => {
  const { address } = await run.waitForEvent("http.listening");
  const get = async (path: string) => {
    const answer = await fetch(`http://${String(address)}${path}`);
    return { status: answer.status, text: await answer.text() };
  };
  const metric = async (name: string): Promise<number> => {
    const { text } = await get("/metrics");
    return Number(
      text
        .split("\n")
        .find((line) => line.startsWith(`${name} `))
        ?.slice(name.length + 1),
    );
  };
  return { address: String(address), get, metric, code: async (path: string) => (await get(path)).status };
};

const stop = async (run: RunningKgsync): Promise<void> => {
  run.signal("SIGTERM");
  expect(await run.ended).toEqual({ code: 143, signal: null });
};

/** A bucket behind a line that can be spoilt. */
const server = async (mode: "pass" | "silent" = "pass") => {
  const double = await startS3Double();
  const proxy = await startFaultyProxy(Number(new URL(double.endpoint).port), mode);
  onTestFinished(async () => {
    await proxy.close();
    await double.close();
  });
  const limits = { KGSYNC_REQUEST_TIMEOUT: "500ms", KGSYNC_CONNECT_TIMEOUT: "500ms", KGSYNC_INTERVAL: "200ms" };
  return { double, proxy, env: { ...s3Env({ ...double, endpoint: `http://127.0.0.1:${proxy.port}` }), ...limits } };
};

test("probes answer while the pull is under way, and say that the start is not over", async () => {
  const place = createStoryPlace(bin);
  const { double, proxy, env } = await server("silent");
  double.put("app/knowledge_graph.json", graphOf("first"));
  const run = place.run({}, { ...env, ...HTTP });
  const { get, code } = await asking(run);
  await expect.poll(async () => (await get("/startupz")).text, PATIENCE).toContain("kgsync is pulling");
  expect(await code("/livez")).toBe(200);
  expect(await code("/startupz")).toBe(503);
  expect(await code("/readyz")).toBe(503);
  expect(JSON.parse((await get("/status")).text)).toMatchObject({ phase: "pulling", started: false, ready: false });
  expect(place.marks()).toEqual([]);
  proxy.setMode("pass");
  await run.waitForLine(/app: ready/);
  await expect.poll(() => code("/startupz"), PATIENCE).toBe(200);
  expect(await code("/readyz")).toBe(200);
  await stop(run);
});

test("an outage of the bucket: the age grows, and neither liveness nor readiness changes", async () => {
  const place = createStoryPlace(bin);
  const { proxy, env } = await server();
  const run = place.run({ save: graphOf("first") }, { ...env, ...HTTP });
  await run.waitForEvent("push.stored");
  const { get, metric, code } = await asking(run);
  await expect.poll(() => metric("kgsync_unsynced_age_seconds"), PATIENCE).toBe(0);
  proxy.setMode("reset");
  run.say(JSON.stringify({ save: graphOf("first", "later") }));
  await expect.poll(() => metric("kgsync_unsynced_age_seconds"), PATIENCE).toBeGreaterThan(2);
  expect(await code("/livez")).toBe(200);
  const ready = await get("/readyz?verbose");
  expect(ready.status).toBe(200);
  expect(ready.text).toMatch(/\[\+\]data: local work has been waiting for \d+ s/);
  expect(JSON.parse((await get("/status")).text).data).toMatchObject({ state: "waiting" });
  proxy.setMode("pass");
  await expect.poll(() => metric("kgsync_unsynced_age_seconds"), PATIENCE).toBe(0);
  const { text } = await get("/metrics");
  expect(text).toMatch(/kgsync_pushes_total\{result="stored"\} 2\n/);
  expect(text).toMatch(/kgsync_bucket_requests_total\{operation="\w+",outcome="unavailable"\} [1-9]/);
  expect(text).not.toContain("a-secret"); // of s3Env
  await stop(run);
});

test("two writers: a merge and its conflict are counted", async () => {
  const place = createStoryPlace(bin);
  const graph = (text: string) => JSON.stringify({ ...JSON.parse(graphOf("first")), text });
  place.setRemote(graph("as it was"));
  const run = place.run({}, { ...HTTP, KGSYNC_ON_CONFLICT: "ours" });
  await run.waitForLine(/app: ready/);
  const { get, metric } = await asking(run);
  place.setRemote(graph("by another"));
  run.say(JSON.stringify({ save: graph("by the app") }));
  await run.waitForEvent("push.stored");
  expect(await metric("kgsync_conflicts_total")).toBe(1);
  const status = JSON.parse((await get("/status")).text);
  expect(status).toMatchObject({ data: { conflicts: 1 }, merges: [{ result: "merged", conflicts: 1 }] });
  expect(status.merges[0].key).toMatch(/^\.kgsync\/conflicts\//);
  expect(status.graph.leaves).toBeGreaterThan(0);
  await stop(run);
});

test("standing by for the lease is started and alive, and ready only where that counts", async () => {
  const one = createStoryPlace(bin);
  const two = createStoryPlace(bin);
  const env = { KGSYNC_BUCKET: `file://${one.bucket}`, KGSYNC_LEASE: "on", KGSYNC_LEASE_TTL: "1h", ...HTTP };
  const holder = one.run({ save: graphOf("first") }, env);
  await holder.waitForEvent("push.stored");
  const first = await asking(holder);
  expect(await first.metric("kgsync_lease_held")).toBe(1);
  expect(await first.metric("kgsync_lease_epoch")).toBe(1);
  for (const [readyWhen, ready] of [
    ["serving", 503],
    ["standby", 200],
  ] as const) {
    const spare = two.run({}, { ...env, KGSYNC_READY_WHEN: readyWhen });
    await spare.waitForEvent("lease.waiting");
    const { code, metric } = await asking(spare);
    expect(await code("/livez")).toBe(200);
    expect(await code("/startupz")).toBe(200);
    expect(await code("/readyz")).toBe(ready);
    expect(await metric("kgsync_lease_held")).toBe(0);
    await stop(spare);
  }
  await stop(holder);
});

test("a port that is taken is told before anything is touched", async () => {
  const one = createStoryPlace(bin);
  const two = createStoryPlace(bin);
  const first = one.run({}, HTTP);
  const { address } = await asking(first);
  const second = two.run({}, { KGSYNC_HTTP: address });
  expect(await second.ended).toEqual({ code: 78, signal: null });
  const end = second.logs().at(-1);
  expect(end).toMatchObject({ event: "end", level: "error" });
  expect(end?.msg).toContain(`KGSYNC_HTTP=${address}: another program listens there`);
  expect(two.terminationLog()).toContain("another program listens there");
  expect([two.marks(), two.objects()]).toEqual([[], []]);
  await stop(first);
});

test("whoever keeps a connection open keeps nothing from ending", async () => {
  const place = createStoryPlace(bin);
  const run = place.run({ save: graphOf("first") }, HTTP);
  await run.waitForEvent("push.stored");
  const { address } = await asking(run);
  const port = Number(address.split(":").at(-1));
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  const idle = connect(port, "127.0.0.1", () => idle.write("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"));
  onTestFinished(() => void idle.destroy());
  idle.on("error", () => undefined);
  idle.on("data", () => open());
  await opened;
  run.say(JSON.stringify({ exit: 0 }));
  expect(await run.ended).toEqual({ code: 0, signal: null });
});

test("off by default: nothing listens, and a tool beside the app does not ask for the port again", async () => {
  const place = createStoryPlace(bin);
  const run = place.run({ save: graphOf("first") });
  await run.waitForEvent("push.stored");
  expect(run.logs().map(({ event }) => event)).not.toContain("http.listening");
  await stop(run);
  const served = place.run({}, HTTP);
  const { address } = await asking(served);
  await served.waitForLine(/app: ready/);
  const tool = place.start(["exec", "--", "true"], { KGSYNC_HTTP: address });
  expect(await tool.ended).toEqual({ code: 0, signal: null });
  await stop(served);
});
