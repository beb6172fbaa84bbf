import { expect, test } from "vitest";
import { readSyncAnswer } from "../../../src/commands/read-sync-answer.ts";

test.for([
  { kind: "done", graph: "clean", backups: 0 },
  { kind: "done", graph: "merged", backups: 3 },
  { kind: "unsafe", why: "no answer" },
  { kind: "refused", why: "kgsync is pulling" },
])("an answer as it is given: $kind", (answer) => {
  expect(readSyncAnswer(JSON.parse(JSON.stringify(answer)))).toEqual(answer);
});

test.for([
  null,
  "done",
  [],
  {},
  { kind: "done" },
  { kind: "done", graph: "clean" },
  { kind: "done", graph: "later", backups: 0 },
  { kind: "unsafe" },
  { kind: "unsafe", why: 1 },
  { kind: "new", why: "x" },
])("what makes no sense here is no answer: %j", (value) => {
  expect(readSyncAnswer(value)).toBeUndefined();
});
