import { expect, test } from "vitest";
import type { Phase } from "../../../../src/core/lifecycle-types.ts";
import { allOk, readyChecks, startupChecks, verboseText } from "../../../../src/core/monitor/probes.ts";
import type { LeaseView, View } from "../../../../src/core/monitor/view.ts";
import { NOW, sampleView } from "../../../support/sample-view.ts";

const NONE: LeaseView = { held: false, epoch: undefined, waitingFor: undefined };
const HELD: LeaseView = { held: true, epoch: 7, waitingFor: undefined };
const WAITING: LeaseView = { held: false, epoch: undefined, waitingFor: "pod-a" };

const view = (phase: Phase, lease: LeaseView | undefined, readyWhen: View["readyWhen"], starts = 0): View => {
  const sample = sampleView({ phase, lease, readyWhen });
  const { chronicle } = sample;
  return {
    ...sample,
    chronicle: { ...chronicle, lease: lease ?? chronicle.lease, child: { ...chronicle.child, starts } },
  };
};

/** phase, lease, how often the app was started → started, ready if that is when it serves, ready if standing by counts. */
const TABLE: readonly (readonly [Phase, LeaseView | undefined, number, boolean, boolean, boolean])[] = [
  ["owning", undefined, 0, false, false, false],
  ["leasing", NONE, 0, false, false, false], // nobody has said yet that it is not ours
  ["leasing", WAITING, 0, true, false, true],
  ["pulling", undefined, 0, false, false, false],
  ["pulling", HELD, 0, false, false, false],
  ["spawning", undefined, 0, false, false, false],
  ["running", undefined, 1, true, true, true],
  ["running", HELD, 1, true, true, true],
  ["running", NONE, 1, true, true, true], // beside the holder, by KGSYNC_ON_LEASE_BUSY
  ["stopping", undefined, 1, true, false, false],
  ["ending", undefined, 1, true, false, false],
  ["pushing", undefined, 1, true, false, false],
  ["leasing", WAITING, 1, true, false, true], // after a hand-over
  ["pulling", undefined, 1, true, false, false], // a restart: the start is not under way anew
  ["done", undefined, 1, true, false, false],
];

test.each(TABLE)("%s, lease %o, started %i times", (phase, lease, starts, started, serving, standby) => {
  expect(allOk(startupChecks(view(phase, lease, "serving", starts)))).toBe(started);
  expect(allOk(readyChecks(view(phase, lease, "serving", starts)))).toBe(serving);
  expect(allOk(readyChecks(view(phase, lease, "standby", starts)))).toBe(standby);
});

test("work that waits for the bucket is told, and takes nobody away from an app that is fine", () => {
  const checks = readyChecks(sampleView({ unsyncedSince: NOW - 90_000, why: "the bucket did not answer" }));
  expect(allOk(checks)).toBe(true);
  expect(verboseText("readyz", checks)).toBe(
    [
      "[+]files: the files are ours",
      "[+]app: the app runs",
      "[+]data: local work has been waiting for 90 s: the bucket did not answer",
      "readyz check passed",
      "",
    ].join("\n"),
  );
});

test("who is not ready says what is missing", () => {
  const text = verboseText("readyz", readyChecks(view("leasing", WAITING, "serving")));
  expect(text).toContain("[-]lease: pod-a holds the lease\n[-]app: the app does not serve: kgsync is leasing\n");
  expect(text).toMatch(/readyz check failed\n$/);
});

test.each([
  [{}, "all local work is in the bucket"],
  [{ lastSafeAt: undefined }, "the graph on disk was not looked into yet"],
  [{ readonlyUnder: "pod-a" }, "nothing is pushed: pod-a holds the lease"],
] as const)("what is said of the data is what is known: %o", (differs, words) => {
  expect(readyChecks(sampleView(differs)).at(-1)).toEqual({ name: "data", ok: true, words });
});

test("a sidecar that stands by has not started: the app in the other container would be", () => {
  const waiting = view("leasing", WAITING, "standby");
  expect(allOk(startupChecks(waiting))).toBe(true);
  expect(allOk(startupChecks({ ...waiting, beside: true }))).toBe(false);
});
