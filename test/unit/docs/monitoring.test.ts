import { describe, expect, it } from "vitest";
import { createInstruments } from "../../../src/adapters/prom-metrics/instruments.ts";
import { PHASES } from "../../../src/core/lifecycle-types.ts";
import {
  BUCKET_OPERATIONS,
  CHILD_ENDS,
  DIRECTIONS,
  MERGE_RESULTS,
  PUSH_RESULTS,
  REQUEST_OUTCOMES,
} from "../../../src/core/monitor/happening.ts";
import { statusJson } from "../../../src/core/monitor/status-json.ts";
import { sampleView } from "../../support/sample-view.ts";
import { textOf, yamlPaths } from "./documents.ts";

const exported = await createInstruments().registry.getMetricsAsJSON();
const typeOf: ReadonlyMap<string, string> = new Map(exported.map(({ name, type }) => [name, String(type)]));

/** What a scrape has: a histogram is three series. */
const SERIES: ReadonlySet<string> = new Set(
  [...typeOf].flatMap(([name, type]) =>
    type === "histogram" ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
  ),
);

/** Every value that a label can have. */
const LABELS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  kgsync_phase: { phase: PHASES },
  kgsync_child_exits_total: { how: CHILD_ENDS },
  kgsync_pulls_total: { result: ["ok", "failed"] },
  kgsync_pushes_total: { result: PUSH_RESULTS },
  kgsync_merges_total: { result: MERGE_RESULTS },
  kgsync_backups_total: { direction: DIRECTIONS },
  kgsync_bucket_requests_total: { operation: BUCKET_OPERATIONS, outcome: REQUEST_OUTCOMES },
};

const ALERTS = textOf("deploy/monitoring/alerts.yaml");
const DASHBOARD: {
  readonly panels: readonly {
    readonly id: number;
    readonly title: string;
    readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
    readonly targets: readonly { readonly expr: string; readonly legendFormat: string }[];
  }[];
  readonly templating: { readonly list: readonly { readonly name: string }[] };
} = JSON.parse(textOf("deploy/monitoring/dashboard.json"));
const MONITORING = textOf("docs/monitoring.md");
const OPERATIONS = textOf("docs/operations.md");

const names = (text: string): readonly string[] => [
  ...new Set([...text.matchAll(/\b(?:kgsync|process)_[a-z_]+/g)].map(([name]) => name)),
];

/** `name{label="value",…}` in an expression, one row for each matcher. */
const matchers = (text: string): readonly (readonly [name: string, label: string, value: string])[] =>
  [...text.matchAll(/\b((?:kgsync|process)_[a-z_]+)\{([^}]*)\}/g)].flatMap(([, name = "", inside = ""]) =>
    [...inside.matchAll(/(\w+)\s*(?:=~|!~|!=|=)\s*"([^"]*)"/g)].map(
      ([, label = "", value = ""]) => [name, label, value] as const,
    ),
  );

/** Those of the scrape itself. */
const ADDED: ReadonlySet<string> = new Set(["job", "instance", "namespace", "le"]);

const isPossible = ([name, label, value]: readonly [string, string, string]): boolean =>
  ADDED.has(label) || value.split("|").every((one) => LABELS[name]?.[label]?.includes(one) === true);

const expressions = DASHBOARD.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));

describe.each([
  ["the alerting rules", ALERTS],
  ["their tests", textOf("deploy/monitoring/alerts.test.yaml")],
  ["the dashboard", expressions.join("\n")],
])("%s", (_, text) => {
  it("use only names that the program exports, with labels and values that it can have", () => {
    expect(names(text).length).toBeGreaterThan(5);
    expect(names(text).filter((name) => !SERIES.has(name))).toEqual([]);
    const own = matchers(text).filter(([, label]) => label !== "version" && label !== "node");
    expect(own.length).toBeGreaterThan(0);
    expect(own.filter((matcher) => !isPossible(matcher))).toEqual([]);
  });
});

describe("docs/monitoring.md", () => {
  const rows = [...MONITORING.matchAll(/^\| `((?:kgsync|process)_[a-z_]+)` \| (\w+) \| (.+) \|$/gm)];

  it("has a row for every metric, with its type, and for no other", () => {
    expect(new Map(rows.map(([, name = "", type = ""]) => [name, type]))).toEqual(typeOf);
    expect(names(MONITORING).filter((name) => !typeOf.has(name))).toEqual([]);
  });

  it("names every label, and every value that it can have", () => {
    for (const [, name = "", , words = ""] of rows)
      for (const [label, values] of Object.entries(LABELS[name] ?? {}))
        for (const word of [label, ...values]) expect(words, name).toContain(`\`${word}\``);
  });
});

it("docs/monitoring.md names every member of /status", () => {
  const status: Readonly<Record<string, unknown>> = statusJson(sampleView());
  const data = Object.keys(Object(status["data"])).map((member) => `data.${member}`);
  const members = [...Object.keys(status).filter((member) => member !== "data"), ...data];
  expect(members.length).toBeGreaterThan(20);
  expect(members.filter((member) => !MONITORING.includes(`\`${member}\``))).toEqual([]);
});

describe("the alerts", () => {
  const rules = yamlPaths(ALERTS);
  const of = (path: string): readonly string[] => rules.get(`groups.[].rules.[].${path}`) ?? [];
  const headings = [...OPERATIONS.matchAll(/^### (Kgsync\w+)$/gm)].map(([, heading = ""]) => heading);

  it("have a runbook each, and every runbook an alert", () => {
    const runbooks = of("annotations.runbook").map((value) => value.replace("docs/operations.md#", ""));
    expect(of("alert")).toHaveLength(12);
    expect(runbooks).toHaveLength(of("alert").length);
    expect([...new Set(runbooks)].sort()).toEqual(headings.map((heading) => heading.toLowerCase()).sort());
    for (const alert of of("alert")) expect(OPERATIONS).toContain(alert);
  });

  it("have a severity each, and a test each", () => {
    expect(of("labels.severity").filter((severity) => !["critical", "warning", "info"].includes(severity))).toEqual([]);
    expect(of("labels.severity")).toHaveLength(of("alert").length);
    const tested = textOf("deploy/monitoring/alerts.test.yaml");
    for (const alert of of("alert")) expect(tested).toContain(`alertname: ${alert}\n`);
  });
});

describe("the dashboard", () => {
  it("shows everything that kgsync exports of itself", () => {
    const shown = names(expressions.join("\n")).map((name) => name.replace(/_(?:bucket|sum|count)$/, ""));
    expect([...typeOf.keys()].filter((name) => !shown.includes(name))).toEqual([]);
  });

  it("has panels that do not lie on each other, and variables that exist", () => {
    const cells = DASHBOARD.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, n) => `${x + (n % w)} ${y + Math.floor(n / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(DASHBOARD.panels.every(({ gridPos: { x, w } }) => x + w <= 24)).toBe(true);
    expect(new Set(DASHBOARD.panels.map(({ id }) => id)).size).toBe(DASHBOARD.panels.length);
    const variables = DASHBOARD.templating.list.map(({ name }) => name);
    const used = [...JSON.stringify(DASHBOARD).matchAll(/\$\{?([a-z]\w*)\}?/g)].map(([, name]) => name);
    expect(used.filter((name) => name === undefined || !variables.includes(name))).toEqual([]);
  });
});
