import { type EntryName, type GraphChange, MAX_NAMES, type SectionLine } from "../../src/core/monitor/graph-change.ts";
import type { Happening } from "../../src/core/monitor/happening.ts";
import type { View } from "../../src/core/monitor/view.ts";
import { NOW, sampleView } from "./sample-view.ts";

const push = (result: "stored" | "failed" | "held", why?: string, ahead = false): Happening => ({
  type: "push",
  result,
  ms: 184,
  bytes: result === "stored" ? 54_321 : 0,
  ahead,
  why,
});
const graph = (leaves: number): Happening => ({ type: "graph", bytes: leaves * 31, leaves });
const begin: readonly Happening[] = [
  { type: "pull", ok: true, ms: 412 },
  graph(1710),
  { type: "child-started" },
  graph(1712),
  push("stored"),
  graph(1718),
  push("stored"),
  graph(1701),
  push("stored"),
  graph(1753),
  push("stored"),
];

/** Times as in a run of an hour, not of a second for each. */
const stretched = (view: View): View => {
  const far = <T extends { readonly at: number }>(one: T): T => ({ ...one, at: NOW - (NOW - one.at) * 240 });
  const { pushes, merges, samples, child, lastConflictAt } = view.chronicle;
  return {
    ...view,
    changes: CHANGES,
    chronicle: {
      ...view.chronicle,
      pushes: pushes.map(far),
      merges: merges.map(far),
      samples: samples.map(far),
      child: { ...child, since: NOW - 3_599_000 },
      lastConflictAt: lastConflictAt === undefined ? undefined : NOW - 240_000,
    },
  };
};

const OUTAGE = "s3://my-bucket/my-app did not answer in time (knowledge_graph.json)";
const KEY = ".kgsync/conflicts/0f3a9c51d2e47b68-my-app-7c9f-1a2b3c4d.json";

const line = (
  name: string,
  added: readonly string[],
  removed: readonly string[],
  changed: readonly string[],
): SectionLine => {
  const named = (kind: EntryName["kind"], names: readonly string[]) => names.map((one) => ({ kind, name: one }));
  return {
    name,
    counts: { added: added.length, removed: removed.length, changed: changed.length },
    names: [...named("added", added), ...named("removed", removed), ...named("changed", changed)].slice(0, MAX_NAMES),
  };
};
const many = Array.from({ length: 23 }, (_, n) => `pattern-${n}`);

/** Of a graph that could be compared, until it was too large. */
const CHANGES: readonly GraphChange[] = [
  { at: NOW - 2_100_000, before: 1710, leaves: 1712, sections: { list: [line("services", ["api"], [], [])], more: 0 } },
  {
    at: NOW - 1_500_000,
    before: 1712,
    leaves: 1718,
    sections: {
      list: [
        line("services", ["a-service-with-a-name-that-was-cut-off…"], ["old"], ["api", "web"]),
        line("patterns", many, [], []),
      ],
      more: 3,
    },
  },
  {
    at: NOW - 900_000,
    before: 1718,
    leaves: 1718,
    sections: { list: [{ ...line("description", [], [], []), counts: { added: 0, removed: 0, changed: 1 } }], more: 0 },
  },
  { at: NOW - 700_000, before: 1718, leaves: 1701, sections: { list: [line("services", [], ["api"], [])], more: 0 } },
  { at: NOW - 300_000, before: 1701, leaves: 1753, sections: undefined },
];

/** The page's states that a person must be able to tell apart at a glance. */
export const PAGE_STATES: Readonly<Record<string, View>> = {
  "in-step": stretched(sampleView({}, ...begin)),
  behind: stretched(
    sampleView(
      { unsyncedSince: NOW - 734_000, why: OUTAGE, lastSafeAt: NOW - 760_000 },
      ...begin,
      graph(1790),
      push("failed", OUTAGE),
    ),
  ),
  conflict: stretched(
    sampleView(
      { lease: { held: true, epoch: 12, waitingFor: undefined } },
      ...begin,
      { type: "merge", result: "merged", conflicts: 0, key: undefined },
      graph(1771),
      push("stored"),
      { type: "merge", result: "merged", conflicts: 2, key: KEY },
      push("stored", undefined, true),
    ),
  ),
  starting: sampleView({ phase: "pulling", phaseSince: NOW - 4000, lastSafeAt: undefined }),
};
