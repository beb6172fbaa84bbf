import { expect, test } from "vitest";
import { type LeaseView, renderLease } from "../../../src/commands/render-lease.ts";
import type { Lease } from "../../../src/core/lease/lease.ts";
import { etag } from "../../../src/core/version.ts";

const LEASE: Lease = { holder: "pod-a", epoch: 4, nonce: "n", ttlMs: 30_000, state: "held", wanted: undefined };
const seen = (change: Partial<Lease> = {}): LeaseView["look"] => ({
  etag: etag("1"),
  parsed: { kind: "lease", lease: { ...LEASE, ...change } },
});
const view = (look: LeaseView["look"], graph: LeaseView["graph"] = { epoch: 4 }): LeaseView => ({
  bucket: "s3://b/app",
  look,
  graph,
});

test("for people: aligned, in words", () =>
  expect(renderLease(view(seen({ wanted: { by: "pod-b", nonce: "w" } })), false)).toBe(
    [
      "bucket        s3://b/app",
      "lease         held",
      "holder        pod-a",
      "epoch         4",
      "time to live  30s",
      "wanted by     pod-b",
      "graph         epoch 4, the lease's own",
      "",
    ].join("\n"),
  ));

test.each<[string, LeaseView, RegExp]>([
  ["no lease", view(undefined), /^lease +none: /m],
  [
    "a damaged one",
    view({ etag: etag("1"), parsed: { kind: "damaged", why: "it has no nonce" } }),
    /cannot be read: it has no nonce$/m,
  ],
  ["a released one", view(seen({ state: "released" })), /^lease +released\nlast holder +pod-a$/m],
  ["nobody asks", view(seen()), /^wanted by +nobody$/m],
  ["no graph", view(seen(), "absent"), /^graph +none yet$/m],
  ["a graph without an epoch", view(seen(), { epoch: undefined }), /^graph +written without a lease, earlier /m],
  ["a graph of an earlier epoch", view(seen(), { epoch: 3 }), /^graph +epoch 3, earlier /m],
  ["a graph of a later epoch", view(seen(), { epoch: 5 }), /^graph +epoch 5, later /m],
  ["a graph and no lease", view(undefined, { epoch: 5 }), /^graph +epoch 5$/m],
])("%s", (_, shown, expected) => expect(renderLease(shown, false)).toMatch(expected));

test.each<[string, LeaseView, object]>([
  [
    "a lease",
    view(seen()),
    { state: "held", holder: "pod-a", epoch: 4, ttlMs: 30_000, wantedBy: null, graphEpoch: 4, graphMatches: true },
  ],
  ["another epoch", view(seen(), { epoch: undefined }), { graphEpoch: 0, graphMatches: false }],
  ["no graph", view(seen(), "absent"), { graphEpoch: null, graphMatches: null }],
  [
    "no lease",
    view(undefined),
    { state: "absent", holder: null, epoch: null, ttlMs: null, graphEpoch: 4, graphMatches: null },
  ],
  [
    "a damaged one",
    view({ etag: etag("1"), parsed: { kind: "damaged", why: "" } }),
    { state: "damaged", holder: null },
  ],
])("for programs: %s", (_, shown, expected) =>
  expect(JSON.parse(renderLease(shown, true))).toMatchObject({ bucket: "s3://b/app", ...expected }),
);
