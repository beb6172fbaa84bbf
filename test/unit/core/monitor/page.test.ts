import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { chart } from "../../../../src/core/monitor/page/chart.ts";
import { html } from "../../../../src/core/monitor/page/html.ts";
import { pageHtml } from "../../../../src/core/monitor/page/page.ts";
import { verdict } from "../../../../src/core/monitor/page/verdict.ts";
import { bytesText, countText, span, took } from "../../../../src/core/monitor/page/words.ts";
import type { View } from "../../../../src/core/monitor/view.ts";
import { PAGE_STATES } from "../../../support/page-states.ts";
import { NOW, sampleView } from "../../../support/sample-view.ts";

const WAITING = { held: false, epoch: undefined, waitingFor: "pod-a" };
const ahead: View = (() => {
  const view = sampleView();
  return { ...view, chronicle: { ...view.chronicle, ahead: true } };
})();

describe("the verdict", () => {
  const TABLE: readonly (readonly [string, string, View])[] = [
    ["In step", "good", sampleView()],
    ["Behind", "warn", sampleView({ unsyncedSince: NOW - 5000 })],
    ["Behind", "bad", sampleView({ unsyncedSince: NOW - 600_000 })],
    ["Behind", "warn", sampleView({ unsyncedSince: NOW - 5000, phase: "pushing" })],
    ["The bucket has more", "quiet", ahead],
    ["Behind", "warn", { ...ahead, unsyncedSince: NOW }], // ours first: that is what can be lost
    ["Starting", "quiet", sampleView({ phase: "pulling" })],
    ["Standing by", "quiet", sampleView({ phase: "leasing", lease: WAITING })],
    ["Starting", "quiet", sampleView({ phase: "leasing" })],
    ["Read only", "warn", sampleView({ readonlyUnder: "pod-a" })],
    ["Running", "quiet", sampleView({ lastSafeAt: undefined })], // nobody has looked yet
    ["Stopping", "quiet", sampleView({ phase: "stopping" }, { type: "child-started" })],
    ["Starting", "quiet", sampleView({ phase: "pulling" }, { type: "child-started" })],
  ];
  it.each(TABLE)("%s, %s", (title, tone, view) => {
    expect(verdict(view)).toMatchObject({ title, tone });
  });
});

test("a value never becomes markup, in text as in an attribute", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom("<", ">", "&", '"', "'", "a", "=") }), (value) => {
      const { markup } = html`<p title="${value}">${value}</p>`;
      expect(markup.match(/[<>]/g)).toHaveLength(4);
      expect(markup.match(/["']/g)).toHaveLength(2);
    }),
  );
});

test("what a bucket, a writer or an error is called cannot get out of its place", () => {
  const evil = '"><script>alert(1)</script><img src=x onerror=alert(1)>';
  const page = pageHtml(
    sampleView(
      {
        bucket: evil,
        unsyncedSince: NOW - 1000,
        why: evil,
        lease: { ...WAITING, waitingFor: evil },
        readonlyUnder: evil,
        changes: [
          {
            at: NOW,
            before: 1,
            leaves: 1,
            sections: {
              list: [
                { name: evil, counts: { added: 1, removed: 0, changed: 0 }, names: [{ kind: "added", name: evil }] },
              ],
              more: 0,
            },
          },
        ],
      },
      { type: "push", result: "failed", ms: 1, bytes: 0, ahead: false, why: evil },
      { type: "merge", result: "merged", conflicts: 1, key: evil },
    ),
    "n",
  );
  expect(page).not.toMatch(/<script|<img/);
  expect(page.split("&lt;script&gt;")).toHaveLength(8 + 1);
});

test.each(Object.entries(PAGE_STATES))(
  "%s: loads nothing, runs nothing, sends nothing, and every number is one",
  (_, view) => {
    const page = pageHtml(view, "the-nonce");
    expect(page).not.toMatch(
      /<(?:script|img|link|iframe|form|a|object|embed)\b|\b(?:src|href|action|on\w+)=|url\(|@import/,
    );
    expect(page).not.toMatch(/ style=/); // the policy would not let it in
    expect(page.match(/<style nonce="the-nonce">/g)).toHaveLength(1);
    expect(page).not.toMatch(/NaN|undefined|Infinity|\[object/);
    expect(page).toContain('<meta name="viewport" content="width=device-width, initial-scale=1">');
  },
);

test("a conflict is told as one, with where it is recorded", () => {
  const page = pageHtml(PAGE_STATES["conflict"] ?? sampleView(), "n");
  expect(page).toContain("2 values gave way since this run began");
  expect(page).toContain("<code>.kgsync/conflicts/0f3a9c51d2e47b68-my-app-7c9f-1a2b3c4d.json</code>");
  expect(pageHtml(sampleView(), "n")).not.toContain("Conflicts</h2>");
});

test("changes are told section by section; of a graph that is too large, and of many names, by their counts", () => {
  const page = pageHtml(PAGE_STATES["in-step"] ?? sampleView(), "n");
  const text = page.replaceAll(/<[^>]+>/g, "").replaceAll(/[\u00a0\u202f]/g, " ");
  expect(text).toContain(
    "+6 facts, 1 718 in allservices: 1 added a-service-with-a-name-that-was-cut-off…; 1 removed old; 2 changed api, web",
  );
  expect(text).toContain("patterns: 23 added pattern-0, pattern-1,");
  expect(text).toContain("pattern-7, …and 3 sections more");
  expect(text).toContain("as many facts, 1 718 in alldescription: changed");
  expect(text).toContain("−17 facts, 1 701 in allservices: 1 removed api");
  expect(text).toMatch(/\+52 facts, 1 753 in all\s*\d+/);
  expect(pageHtml(sampleView(), "n")).toContain("None yet in this run; a change is told when its push has ended.");
});

test("a chart stays in its box, whatever the values and the clock", () => {
  const point = fc.record({ at: fc.nat(), value: fc.nat() });
  fc.assert(
    fc.property(fc.array(point, { minLength: 1, maxLength: 50 }), fc.nat(), (points, extra) => {
      const sorted = points.toSorted((a, b) => a.at - b.at);
      const { markup } = chart("x", sorted, (sorted.at(-1)?.at ?? 0) + extra);
      const [, path = ""] = /class="line" d="([^"]+)"/.exec(markup) ?? [];
      const numbers = (letter: string) =>
        [...path.matchAll(new RegExp(`${letter}(-?[\\d.]+)`, "g"))].map(([, n]) => Number(n));
      for (const x of numbers("H")) expect(x >= 0 && x <= 600).toBe(true);
      for (const y of numbers("V")) expect(y >= 0 && y <= 100).toBe(true);
    }),
  );
});

test.each([
  [0, "0 s"],
  [999, "0 s"],
  [59_999, "59 s"],
  [60_000, "1 min"],
  [734_000, "12 min 14 s"],
  [3_600_000, "1 h"],
  [90_061_000, "1 d 1 h"],
])("%i ms are %s", (ms, words) => {
  expect(span(ms).replaceAll("\u00a0", " ")).toBe(words);
});

test("sizes, counts and short times", () => {
  const plain = [bytesText(1023), bytesText(1536), bytesText(5_242_880), took(184.4), took(2500)];
  expect(plain.map((text) => text.replaceAll("\u00a0", " "))).toEqual([
    "1023 B",
    "1.5 KiB",
    "5.0 MiB",
    "184 ms",
    "2 s",
  ]);
  expect([countText(999), countText(1000), countText(1_234_567)]).toEqual(["999", "1\u202f000", "1\u202f234\u202f567"]);
});
