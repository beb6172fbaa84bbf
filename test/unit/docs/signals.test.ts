import { expect, it } from "vitest";
import { CONT, FORWARDED, forwardedAs, SIGNALS, signalName } from "../../../src/core/signals.ts";
import { textOf } from "./documents.ts";

const rowsBelow = (head: string): readonly (readonly string[])[] => {
  const [, rest = ""] = textOf("docs/signals.md").split(`\n| ${head} |`);
  const [table = ""] = rest.split("\n\n");
  return table
    .trimEnd()
    .split("\n")
    .slice(2)
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
};

it("the table of signals has every standard one under its name, and cells that were observed", () => {
  const names = rowsBelow("Signal").map(([name]) => name);
  expect(names.slice(0, SIGNALS.length)).toEqual(SIGNALS.map((one) => `${one} ${signalName(one).slice(3)}`));
  expect(names.slice(SIGNALS.length)).toEqual(["34 RTMIN", "50 RTMIN+16", "64 RTMAX"]);
  for (const row of [...rowsBelow("Signal"), ...rowsBelow("Key")]) expect(row.join()).not.toMatch(/\?|,,|,$/);
});

it("what arrives where kgsync is not PID 1 is what the code forwards", () => {
  const arrives = rowsBelow("Signal").flatMap(([name = "", , plain]) =>
    plain === "once" ? [Number.parseInt(name, 10)] : [],
  );
  expect(arrives).toContain(CONT);
  expect(arrives).toEqual(FORWARDED.filter((signal) => forwardedAs(signal) === signal));
});

it("every edge case names its test", () => {
  const rows = rowsBelow("Case");
  expect(rows.length).toBeGreaterThan(10);
  expect(rows.filter(([, , tests = ""]) => !/`test\/[\w./-]+\.test\.ts`/.test(tests))).toEqual([]);
});
