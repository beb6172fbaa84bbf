import { expect, test } from "vitest";
import { progressText } from "../../../src/core/progress-text.ts";

const one = (what: string, done = 0, expected = 0) => ({ what, done, expected });

test.each([
  ["a single thing has no count", [one("graph", 1, 0)], 0, 1999, "kgsync: graph, 1 s"],
  ["how many so far", [one("listing", 3000)], 0, 2000, "kgsync: listing 3000, 2 s"],
  ["of how many", [one("backups", 120, 5000)], 512, 7000, "kgsync: backups 120/5000, 0.5 KiB, 7 s"],
  ["none yet", [one("backups", 0, 5000)], 0, 1000, "kgsync: backups 0/5000, 1 s"],
  ["one of one", [one("backups", 0, 1)], 0, 1000, "kgsync: backups, 1 s"],
  ["more than were expected", [one("backups", 12, 10)], 0, 1000, "kgsync: backups 12, 1 s"],
  ["several", [one("graph"), one("backups", 2, 3)], 1_048_576, 61_000, "kgsync: graph, backups 2/3, 1.0 MiB, 61 s"],
  ["just below a MiB", [one("graph")], 1_048_575, 1000, "kgsync: graph, 1024.0 KiB, 1 s"],
] as const)("%s", (_, underway, bytes, ms, text) => {
  expect(progressText(underway, bytes, ms)).toBe(text);
});
