import { describe, expect, test } from "vitest";
import {
  type BaseKnown,
  type LocalGraph,
  planStart,
  type RemoteGraph,
  type StartPlan,
  type StartRules,
} from "../../../src/core/plan-start.ts";
import { digestOf } from "./digest-of.ts";

const RULES: StartRules = { firstBoot: "allow", onInvalidRemote: "refuse", onUnreachable: "refuse", latched: false };
const ABSENT = { kind: "absent" } as const;
const DAMAGED: LocalGraph = { kind: "damaged", why: "it is empty" };
const INVALID: RemoteGraph = { kind: "invalid", why: "it is torn" };
const UNREACHABLE: RemoteGraph = { kind: "unreachable", code: "bucket-unavailable" };
const DENIED: RemoteGraph = { kind: "unreachable", code: "bucket-denied" };
const local = (sameAsBase: boolean, sameAsRemote = false): LocalGraph => ({
  kind: "valid",
  sha256: digestOf(1),
  sameAsBase,
  sameAsRemote,
});
const remote = (moved: boolean, knowsLocal = false): RemoteGraph => ({
  kind: "valid",
  sha256: digestOf(2),
  moved,
  knowsLocal,
});

const BOTH = [true, false] as const;
const LOCALS: readonly LocalGraph[] = [
  ABSENT,
  DAMAGED,
  ...BOTH.flatMap((base) => BOTH.map((same) => local(base, same))),
];
const REMOTES: readonly RemoteGraph[] = [
  ...[ABSENT, INVALID, UNREACHABLE, DENIED],
  ...BOTH.flatMap((moved) => BOTH.map((knows) => remote(moved, knows))),
];
const BASES: readonly BaseKnown[] = ["none", "absent", "have", "elsewhere"];

/** The plan in few words, without its reason. */
const brief = (plan: StartPlan): string => {
  switch (plan.do) {
    case "pull":
      return plan.aside ? "pull, kept aside" : "pull";
    case "create":
      return plan.alarm ? "create with an alarm" : "create";
    case "merge":
      return plan.base ? "merge" : "merge without base";
    case "refuse":
      return `refuse ${plan.code}`;
    default:
      return plan.do;
  }
};

type Row = readonly [LocalGraph, RemoteGraph, readonly BaseKnown[], string, Partial<StartRules>?];
const UNKNOWN: readonly BaseKnown[] = ["none", "absent"];
const KNOWN: readonly BaseKnown[] = ["have", "elsewhere"];
const NOT_HAVE: readonly BaseKnown[] = ["none", "absent", "elsewhere"];

const TABLE: Readonly<Record<string, readonly Row[]>> = {
  "first boot: neither side has a graph": [
    [ABSENT, ABSENT, UNKNOWN, "start-empty"],
    [ABSENT, ABSENT, UNKNOWN, "refuse graph-invalid", { firstBoot: "refuse" }],
  ],
  "an absent file is never a deletion": [
    [ABSENT, remote(true), BASES, "pull"],
    [ABSENT, remote(false), BASES, "pull"],
    [ABSENT, remote(false), BASES, "pull", { latched: true, firstBoot: "refuse" }],
  ],
  "first boot from the image or disk": [[local(false), ABSENT, UNKNOWN, "create"]],
  "a bucket whose graph is gone is not a first boot": [
    [local(true), ABSENT, KNOWN, "create with an alarm"],
    [ABSENT, ABSENT, KNOWN, "refuse graph-invalid"],
    [DAMAGED, ABSENT, KNOWN, "refuse graph-invalid"],
  ],
  "equal sides are left alone": [
    [local(true, true), remote(true), BASES, "keep"],
    [local(false, true), remote(false), BASES, "keep", { latched: true }],
  ],
  "only the bucket has changed": [[local(true), remote(true), ["have"], "pull"]],
  "only the disk has changed": [[local(false), remote(false), ["have"], "push"]],
  "both sides have changed": [
    [local(false), remote(true), ["have"], "merge"],
    [local(false), remote(true, true), ["have"], "merge"], // A→B→A is an edit
  ],
  "the disk is merely old": [
    [local(false), remote(true, true), NOT_HAVE, "pull, kept aside"],
    [local(true), remote(false, true), NOT_HAVE, "pull, kept aside"],
  ],
  "nothing is known of their past": [
    [local(false), remote(true), NOT_HAVE, "merge without base"],
    [local(true), remote(false), NOT_HAVE, "merge without base"],
  ],
  "a damaged file": [
    [DAMAGED, remote(true), BASES, "pull, kept aside"],
    [DAMAGED, ABSENT, BASES, "refuse graph-invalid"],
  ],
  "an invalid bucket": [
    ...LOCALS.map((l): Row => [l, INVALID, BASES, "refuse graph-invalid"]),
    ...LOCALS.map((l): Row => [l, INVALID, BASES, "replace-invalid", { onInvalidRemote: "fallback" }]),
  ],
  "an unreachable bucket": [
    [local(true), UNREACHABLE, ["have"], "refuse bucket-unavailable"],
    [local(false), UNREACHABLE, ["have"], "start-local", { onUnreachable: "local" }],
    [local(true), UNREACHABLE, NOT_HAVE, "refuse bucket-unavailable", { onUnreachable: "local" }],
    [ABSENT, UNREACHABLE, BASES, "refuse bucket-unavailable", { onUnreachable: "local" }],
    [DAMAGED, UNREACHABLE, BASES, "refuse bucket-unavailable", { onUnreachable: "local" }],
  ],
  "a bucket that answers no is not unreachable": [
    [local(true), DENIED, ["have"], "refuse bucket-denied", { onUnreachable: "local" }],
  ],
  "a latched guard turns push and merge into a pull": [
    [local(false), remote(false), ["have"], "pull, kept aside", { latched: true }],
    [local(false), remote(true), BASES, "pull, kept aside", { latched: true }],
    [local(true), remote(true), ["have"], "pull", { latched: true }],
  ],
};

describe.each(Object.entries(TABLE))("%s", (_, rows) => {
  test.each(rows.flatMap(([l, r, bases, expected, rules]) => bases.map((base) => ({ l, r, base, expected, rules }))))(
    "$l.kind, $r.kind, base $base → $expected",
    ({ l, r, base, expected, rules }) => expect(brief(planStart(l, r, base, { ...RULES, ...rules }))).toBe(expected),
  );
});

const CASES = LOCALS.flatMap((l) =>
  REMOTES.flatMap((r) =>
    BASES.flatMap((base) =>
      (["allow", "refuse"] as const).flatMap((firstBoot) =>
        (["refuse", "fallback"] as const).flatMap((onInvalidRemote) =>
          (["refuse", "local"] as const).flatMap((onUnreachable) =>
            BOTH.map((latched) => {
              const rules: StartRules = { firstBoot, onInvalidRemote, onUnreachable, latched };
              return { l, r, base, rules, plan: planStart(l, r, base, rules) };
            }),
          ),
        ),
      ),
    ),
  ),
);
type Case = (typeof CASES)[number];
const broken = (holds: (c: Case) => boolean): readonly Case[] => CASES.filter((c) => !holds(c)).slice(0, 3);
/** Work on disk that neither the bucket nor the base is known to hold. */
const hasUnknownWork = ({ l, base }: Case): boolean =>
  l.kind === "damaged" || (l.kind === "valid" && !l.sameAsRemote && !(base === "have" && l.sameAsBase));

describe("over all inputs", () => {
  test("there are as many as the parts allow", () => expect(CASES.length).toBe(6 * 8 * 4 * 16));

  test("a pull over unknown work keeps it aside, and only then", () =>
    expect(broken((c) => c.plan.do !== "pull" || c.plan.aside === hasUnknownWork(c))).toEqual([]));

  test("the app starts empty only when neither side ever had a graph", () =>
    expect(
      broken(
        ({ l, r, base, plan }) =>
          plan.do !== "start-empty" ||
          (l.kind === "absent" && r.kind === "absent" && base !== "have" && base !== "elsewhere"),
      ),
    ).toEqual([]));

  test("nothing is created where the bucket has a graph, or may have one", () =>
    expect(broken(({ r, plan }) => plan.do !== "create" || r.kind === "absent")).toEqual([]));

  test("only a valid local graph is created, pushed, merged, kept or started on", () =>
    expect(
      broken(
        ({ l, plan }) => !["create", "push", "merge", "keep", "start-local"].includes(plan.do) || l.kind === "valid",
      ),
    ).toEqual([]));

  test("a valid bucket is never refused", () =>
    expect(broken(({ r, plan }) => r.kind !== "valid" || plan.do !== "refuse")).toEqual([]));

  test("an unreachable bucket is started without only with a base, a graph and leave to do so", () =>
    expect(
      broken(
        ({ l, r, base, rules, plan }) =>
          r.kind !== "unreachable" ||
          (plan.do === "start-local") ===
            (l.kind === "valid" && base === "have" && rules.onUnreachable === "local" && r.code !== "bucket-denied"),
      ),
    ).toEqual([]));

  test("a side that cannot be read is refused with its own code", () =>
    expect(broken(({ r, plan }) => plan.do !== "refuse" || r.kind !== "unreachable" || plan.code === r.code)).toEqual(
      [],
    ));

  test("a latched guard never pushes or merges", () =>
    expect(broken(({ rules, plan }) => !rules.latched || (plan.do !== "push" && plan.do !== "merge"))).toEqual([]));

  test("a three-way merge or a push needs a base", () =>
    expect(
      broken(({ base, plan }) => (plan.do !== "push" && !(plan.do === "merge" && plan.base)) || base === "have"),
    ).toEqual([]));

  test("each plan says why, in words that name the cause", () => {
    expect(broken(({ plan }) => plan.why.length > 10)).toEqual([]);
    expect([...new Set(CASES.map(({ plan }) => `${plan.do}: ${plan.why}`))].sort()).toMatchInlineSnapshot(`
      [
        "create: first boot with a graph on disk",
        "create: the bucket's graph is gone; the one on disk takes its place",
        "keep: both sides are equal",
        "merge: both sides have a graph and nothing is known of their past",
        "merge: both sides have changed",
        "pull: no graph on disk",
        "pull: only the bucket has changed",
        "pull: the graph on disk is an older version of the bucket's",
        "pull: the graph on disk is damaged: it is empty",
        "pull: the shrink guard is latched",
        "push: only the disk has changed",
        "refuse: neither side has a graph, and KGSYNC_FIRST_BOOT=refuse",
        "refuse: the bucket cannot be read, so nobody knows what the newest graph is",
        "refuse: the bucket's graph is invalid: it is torn",
        "refuse: the graph on disk is damaged (it is empty) and the bucket has none",
        "refuse: this folder has been in step with a graph, and now neither side has one",
        "replace-invalid: the bucket's graph is invalid: it is torn",
        "start-empty: first boot: neither side has a graph yet",
        "start-local: the bucket cannot be reached, and KGSYNC_ON_UNREACHABLE=local",
      ]
    `);
  });
});
