import { expect, test } from "vitest";
import type { Status } from "../../../src/app/status-file.ts";
import type { Survey } from "../../../src/app/survey.ts";
import { isInStep, renderStatus, type StatusView } from "../../../src/commands/render-status.ts";
import { KgsyncError } from "../../../src/core/errors.ts";

const NOW = 1_760_000_000_000;
const PLACE = { bucket: "s3://my-bucket/my-app", graph: "/app/graph.json", now: NOW };

const STATUS: Status = {
  format: 1,
  version: "1.2.3",
  writer: "my-pod-1a2b3c4d",
  startedAt: NOW - 3_600_000,
  phase: "running",
  writtenAt: NOW,
  handedOver: false,
  unsyncedSince: undefined,
  why: undefined,
  lastPushedAt: NOW - 30_000,
  inStepSince: NOW - 180_000,
  lastPulledAt: NOW - 3_600_000,
  lastStoredAt: NOW - 180_000,
  lastMergedAt: undefined,
  lease: undefined,
  ended: undefined,
};
const SURVEY: Survey = {
  graph: { do: "keep", why: "both sides are equal" },
  backups: { pull: 0, push: 0, compare: 0 },
  dirty: false,
  unreachable: undefined,
  documents: [],
};

const running = (status: Partial<Status> = {}, dirty = false): StatusView => ({
  ...PLACE,
  running: { ...STATUS, ...status },
  dirty,
});
const found = (survey: Partial<Survey> = {}, last?: Status): StatusView => ({
  ...PLACE,
  silent: undefined,
  last,
  survey: { ...SURVEY, ...survey },
  lease: undefined,
});
const unreachable = new KgsyncError("bucket-unavailable", "no answer");

test.for<readonly [string, StatusView, boolean | undefined]>([
  ["runs, all in the bucket", running(), true],
  ["runs, a push failed", running({ unsyncedSince: NOW - 1000 }), false],
  ["runs, the last save not looked at", running({}, true), false],
  ["runs, but the app does not yet", running({ phase: "pulling" }), false],
  ["runs without the lease", running({ lease: { epoch: undefined, holder: "other" } }), undefined],
  ["equal", found(), true],
  ["neither side has a graph", found({ graph: { do: "start-empty", why: "first boot" } }), true],
  ["a backup to push", found({ backups: { pull: 0, push: 1, compare: 0 } }), false],
  ["a backup to pull", found({ backups: { pull: 1, push: 0, compare: 0 } }), false],
  ["to push", found({ graph: { do: "push", why: "only the disk has changed" }, dirty: true }), false],
  ["the bucket is out of reach", found({ unreachable }), undefined],
])("in step? %s: %s", ([, view, inStep]) => {
  expect(isInStep(view)).toBe(inStep);
  expect(JSON.parse(renderStatus(view, true)).inStep).toBe(inStep ?? null);
  expect(renderStatus(view, false)).toMatch(
    inStep === undefined ? /^in step +not known: / : inStep ? /^in step +yes/ : /^in step +no$/m,
  );
});

test("one that runs, for people", () => {
  expect(renderStatus(running({ lease: { epoch: 3, holder: undefined } }), false)).toBe(
    [
      "in step      yes, since 2025-10-09T08:50:20.000Z (3 min ago)",
      "kgsync       running, version 1.2.3, since 2025-10-09T07:53:20.000Z (60 min ago)",
      "name         my-pod-1a2b3c4d",
      "last pull    2025-10-09T07:53:20.000Z (60 min ago)",
      "last push    2025-10-09T08:50:20.000Z (3 min ago)",
      "last looked  2025-10-09T08:52:50.000Z (30 s ago)",
      "lease        held by my-pod-1a2b3c4d (epoch 3)",
      "graph        /app/graph.json",
      "bucket       s3://my-bucket/my-app",
      "",
    ].join("\n"),
  );
  const waiting = renderStatus(running({ unsyncedSince: NOW - 7_200_000, why: "no answer" }), false);
  expect(waiting).toMatch(/^waiting +since 2025-.* \(2 h ago\): no answer$/m);
});

test("with nobody there: how the last one ended, what is next, and why nothing is known", () => {
  const ended = { code: 75, data: "unsafe" as const, words: "the app ended with 0; its last save is NOT known" };
  const text = renderStatus(found({ dirty: true }, { ...STATUS, ended }), false);
  expect(text).toMatch(/^kgsync +does not run here; the last one ended with 75: the app ended with 0; its last save/m);
  expect(text).toMatch(/^disk +holds what the bucket is not known to have$/m);
  expect(text).toMatch(/^next +keep: both sides are equal$/m);
  expect(renderStatus(found({}, STATUS), false)).toContain("the last one was killed in phase running");
  const cut = renderStatus(found({ unreachable }), false);
  expect(cut).toMatch(/^why +no answer$/m);
  expect(cut).not.toContain("next");
});

test("for programs every member is there each time, and what is not known is null", () => {
  const members = [running(), found(), found({ unreachable })].map((view) =>
    Object.keys(JSON.parse(renderStatus(view, true))),
  );
  expect(members[1]).toEqual(members[0]);
  expect(members[2]).toEqual(members[0]);
  // an older version, which does not say all of it
  const { version: _, lease: __, startedAt: ___, ...older } = STATUS;
  const shown = JSON.parse(renderStatus({ ...PLACE, running: older as Status, dirty: false }, true));
  expect(shown).toMatchObject({ inStep: true, version: null, lease: null, startedAt: null, unsyncedSince: null });
});
