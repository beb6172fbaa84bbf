import { expect, test } from "vitest";
import { createPromMetrics } from "../../../src/adapters/prom-metrics/create-prom-metrics.ts";
import { createInstruments } from "../../../src/adapters/prom-metrics/instruments.ts";
import { NOW, sampleView } from "../../support/sample-view.ts";

/** The samples of an exposition, by name and labels as they are written. */
const samples = (text: string): ReadonlyMap<string, number> =>
  new Map(
    text.split("\n").flatMap((line) => {
      const [, name, value] = /^([^#\s]\S*) (\S+)$/.exec(line) ?? [];
      return name === undefined ? [] : [[name, Number(value)]];
    }),
  );

test("names and units are as Prometheus' conventions have them", async () => {
  const metrics = await createInstruments().registry.getMetricsAsJSON();
  for (const { name, type, help } of metrics) {
    expect(name).toMatch(/^(?:kgsync|process)_[a-z_]+$/);
    const unit = /_(?:seconds|bytes|info|total|leaves|epoch|held|ready|up|phase|ahead)$/;
    expect(name).toMatch(unit);
    expect(name.endsWith("_total")).toBe(String(type) === "counter");
    expect(help).not.toMatch(/\.$/);
  }
});

test("the gauges are what the view says at the moment of the scrape", async () => {
  const { expose } = createPromMetrics();
  const waiting = samples(await expose(sampleView({ unsyncedSince: NOW - 90_500, phase: "running" })));
  expect(waiting.get("kgsync_unsynced_age_seconds")).toBe(90.5);
  expect(waiting.get("kgsync_ready")).toBe(1);
  expect(waiting.get('kgsync_phase{phase="running"}')).toBe(1);
  expect(waiting.get('kgsync_build_info{version="1.2.3",node="v24.0.0"}')).toBe(1);
  expect(waiting.has("kgsync_lease_held")).toBe(false); // there is no lease to hold
  expect(waiting.has("kgsync_graph_bytes")).toBe(false); // nobody has looked yet
  const lease = { held: true, epoch: 7, waitingFor: undefined };
  const later = samples(
    await expose(
      sampleView({ phase: "stopping", lease, lastSafeAt: undefined }, { type: "graph", bytes: 12, leaves: 3 }),
    ),
  );
  expect(later.get("kgsync_unsynced_age_seconds")).toBe(0);
  expect(later.get("kgsync_ready")).toBe(0);
  expect(later.get('kgsync_phase{phase="running"}')).toBe(0);
  expect(later.get("kgsync_lease_held")).toBe(1);
  expect(later.get("kgsync_lease_epoch")).toBe(7);
  expect(later.get("kgsync_graph_leaves")).toBe(3);
  expect(later.has("kgsync_last_safe_timestamp_seconds")).toBe(false);
});

test("what happens is counted, and everything that can be alerted on begins at 0", async () => {
  const { note, expose } = createPromMetrics();
  const before = samples(await expose(sampleView()));
  for (const name of ['pushes_total{result="failed"}', 'merges_total{result="refused"}', "conflicts_total"])
    expect(before.get(`kgsync_${name}`)).toBe(0);
  note({ type: "push", result: "stored", ms: 250, bytes: 10, ahead: false, why: undefined });
  note({ type: "push", result: "failed", ms: 9000, bytes: 0, ahead: false, why: "no route" });
  note({ type: "merge", result: "merged", conflicts: 3, key: "k" });
  note({ type: "request", operation: "put", outcome: "unknown", ms: 20, sent: 100, received: 0 });
  note({ type: "request", operation: "get", outcome: "ok", ms: 20, sent: 0, received: 50 });
  note({ type: "backups", direction: "up", files: 4, bytes: 40 });
  note({ type: "pull", ok: true, ms: 700 });
  note({ type: "child-started" });
  note({ type: "child-ended", how: "signal" });
  note({ type: "lease-lost" });
  const after = samples(await expose(sampleView()));
  expect(Object.fromEntries(after)).toMatchObject({
    'kgsync_pushes_total{result="stored"}': 1,
    'kgsync_pushes_total{result="failed"}': 1,
    kgsync_push_duration_seconds_count: 1, // a failure's time says nothing about the bucket's speed
    kgsync_push_duration_seconds_sum: 0.25,
    'kgsync_merges_total{result="merged"}': 1,
    kgsync_conflicts_total: 3,
    'kgsync_bucket_requests_total{operation="put",outcome="unknown"}': 1,
    kgsync_bucket_sent_bytes_total: 100,
    kgsync_bucket_received_bytes_total: 50,
    'kgsync_backups_total{direction="up"}': 4,
    kgsync_pull_duration_seconds_sum: 0.7,
    kgsync_child_starts_total: 1,
    'kgsync_child_exits_total{how="signal"}': 1,
    kgsync_lease_lost_total: 1,
  });
});
