import { expect, it } from "vitest";
import { parseConflictName } from "../../../src/core/conflict-name.ts";

const NAME = "0123456789abcdef-my.host-00ff00ff";

it.each([
  [`${NAME}.json`, { kind: "record", name: NAME, writer: "my.host-00ff00ff" }],
  [`${NAME}.ours.json`, { kind: "ours", name: NAME, writer: "my.host-00ff00ff" }],
  [`${NAME}.theirs.json`, { kind: "theirs", name: NAME, writer: "my.host-00ff00ff" }],
  [`${NAME}.resolved-aaaaaaaaaaaaaaaa.json`, { kind: "resolved", name: NAME, mark: "aaaaaaaaaaaaaaaa" }],
  ["quarantine-h-1.json", { kind: "quarantine", name: "quarantine-h-1", writer: "h-1" }],
  [
    "quarantine-h-1.resolved-aaaaaaaaaaaaaaaa.json",
    { kind: "resolved", name: "quarantine-h-1", mark: "aaaaaaaaaaaaaaaa" },
  ],
])("%s", (file, expected) => {
  expect(parseConflictName(file)).toEqual(expected);
});

it.each(["", "x.json", `${NAME}`, `${NAME}.txt`, "0123-h.json", "quarantine-h.ours.json", "quarantine-.json"])(
  "%s is none of ours",
  (file) => {
    expect(parseConflictName(file)).toBeUndefined();
  },
);
