import { expect, test } from "vitest";
import { createMonitor } from "../../../src/app/monitor.ts";
import { createMonitorRoute } from "../../../src/app/monitor-route.ts";
import type { Status } from "../../../src/app/status-file.ts";
import { initialState, transition } from "../../../src/core/lifecycle.ts";
import type { LifecycleEvent } from "../../../src/core/lifecycle-types.ts";
import { compareGraphs } from "../../../src/core/monitor/graph-change.ts";
import type { Happening } from "../../../src/core/monitor/happening.ts";
import { signalRules } from "../../../src/core/signal-rules.ts";
import { createFakeClock } from "../../support/fake-clock.ts";

const RULES = signalRules([15], new Map());
const SECRET = "hunter2-hunter2";

const redact = (text: string): string => text.replaceAll(SECRET, "[redacted]");

const world = (lease = false) => {
  const clock = createFakeClock();
  const noted: Happening[] = [];
  const monitor = createMonitor({
    clock,
    counting: { note: (one) => noted.push(one) },
    redact,
    loadCompare: async () => (from, to) => compareGraphs(from, to, {}, redact),
    about: { version: "1", node: "v24", readyWhen: "serving", beside: false, lease },
  });
  const status: { now: Partial<Status> } = { now: {} };
  let state = initialState(lease);
  const happen = (event: LifecycleEvent): void => {
    const [to] = transition(state, event, RULES);
    monitor.step(state, event, to);
    state = to;
  };
  const view = () =>
    monitor.view({
      bucket: `s3://user:${SECRET}@b`,
      facts: {
        failure: () => undefined,
        lastPush: () => undefined,
        lock: () => undefined,
        fenced: () => undefined,
        readonlyUnder: () => undefined,
        epoch: () => undefined,
      },
      status: () => ({
        format: 1,
        version: "1",
        writer: "w",
        startedAt: 0,
        inStepSince: undefined,
        lastPulledAt: undefined,
        lastStoredAt: undefined,
        lastMergedAt: undefined,
        lease: undefined,
        phase: state.phase,
        writtenAt: 0,
        handedOver: false,
        unsyncedSince: undefined,
        why: undefined,
        lastPushedAt: undefined,
        ended: undefined,
        ...status.now,
      }),
    });
  const exposition = async () => ({
    contentType: "text/plain; version=0.0.4",
    note: () => undefined,
    expose: async () => "metrics\n",
  });
  const route = createMonitorRoute(view, exposition, { fraction: () => 0.5, id: () => "0".repeat(32) });
  const get = (path: string, query = "") => route(path, new URLSearchParams(query));
  return { clock, noted, monitor, status, happen, view, get };
};

test("the life of an app as it is counted", async () => {
  const { clock, noted, happen, view } = world();
  happen({ type: "owned" });
  await clock.advance(700);
  happen({ type: "pulled" });
  happen({ type: "spawned" });
  expect(view().chronicle.child).toMatchObject({ up: true, starts: 1 });
  await clock.advance(5000);
  happen({ type: "child-ended", status: { kind: "exited", code: 0 } });
  happen({ type: "child-ended", status: { kind: "exited", code: 0 } }); // late, and of no meaning
  expect(noted).toEqual([
    { type: "pull", ok: true, ms: 700 },
    { type: "child-started" },
    { type: "child-ended", how: "success" },
  ]);
  expect(view()).toMatchObject({ phase: "ending", phaseSince: clock.now().wall });
});

test("a pull that fails, a lease that is lost, a lease that is handed over", () => {
  const failing = world();
  failing.happen({ type: "owned" });
  failing.happen({ type: "start-failed", exit: 69 });
  expect(failing.noted).toEqual([{ type: "pull", ok: false, ms: 0 }]);

  const begin: readonly LifecycleEvent[] = [
    { type: "owned" },
    { type: "leased" },
    { type: "pulled" },
    { type: "spawned" },
  ];
  const fenced = world(true);
  for (const event of [...begin, { type: "fenced" } as const, { type: "fenced" } as const]) fenced.happen(event);
  expect(fenced.noted.filter(({ type }) => type === "lease-lost")).toHaveLength(1);

  const handing = world(true);
  const over: readonly LifecycleEvent[] = [
    { type: "hand-over" },
    { type: "child-ended", status: { kind: "signaled", signal: 15 } },
    { type: "push-ended", data: "safe" },
    { type: "group-ended" },
    { type: "push-ended", data: "safe" },
  ];
  handing.monitor.note({ type: "lease-held", epoch: 3 });
  for (const event of [...begin, ...over]) handing.happen(event);
  expect(handing.noted.at(-1)).toEqual({ type: "lease-released" });
  expect(handing.view()).toMatchObject({ phase: "leasing", lease: { held: false, epoch: undefined } });
});

test("answers every path, and 503 with the reasons where a probe fails", async () => {
  const { happen, get } = world();
  expect(await get("/livez")).toMatchObject({ status: 200, body: "ok\n" });
  expect(await get("/startupz")).toMatchObject({ status: 503 });
  expect((await get("/startupz")).body).toContain("[-]start: the app was not started yet: kgsync is owning");
  for (const type of ["owned", "pulled", "spawned"] as const) happen({ type });
  expect(await get("/startupz")).toMatchObject({ status: 200, body: "ok\n" });
  expect((await get("/readyz", "verbose")).body).toContain("[+]app: the app runs");
  expect(await get("/metrics")).toMatchObject({ type: "text/plain; version=0.0.4", body: "metrics\n" });
  expect(JSON.parse((await get("/status")).body)).toMatchObject({ phase: "running", started: true, ready: true });
  for (const path of ["/nope", "/livez/", "/../status", "/Status"])
    expect(await get(path)).toMatchObject({ status: 404 });
});

test("no secret is told, whatever an error has brought", async () => {
  const { clock, happen, monitor, status, get } = world();
  const why = `refused: ${SECRET}`;
  monitor.note({ type: "push", result: "failed", ms: 1, bytes: 0, ahead: false, why });
  status.now = { unsyncedSince: 1, why };
  for (const type of ["owned", "pulled", "spawned"] as const) happen({ type });
  for (const name of ["a", SECRET]) monitor.saw?.(new TextEncoder().encode(JSON.stringify({ s: { [name]: 1 } })), 1);
  monitor.note({ type: "push", result: "stored", ms: 1, bytes: 1, ahead: false, why: undefined });
  await clock.advance(1000);
  expect((await get("/")).body).toContain("<code>[redacted]</code>");
  for (const [path, query] of [["/status"], ["/readyz", "verbose"], ["/"]] as const) {
    const { body } = await get(path, query);
    expect(body).not.toContain(SECRET);
  }
  expect((await get("/status")).body).toContain("refused: [redacted]");
});
