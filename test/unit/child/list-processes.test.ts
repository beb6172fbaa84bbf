import fc from "fast-check";
import { expect, test } from "vitest";
import { listProcesses, parseStat } from "../../../src/adapters/execa-child/list-processes.ts";

const line = (name: string, state: string, threads = 1): string =>
  `42 (${name}) ${state} 7 41 40 0 -1 4194560 100 0 0 0 0 0 0 0 20 0 ${threads} 0 100 1000 10`;

test("any name may stand in the parentheses", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 15 }), (name) => {
      expect(parseStat(line(name, "S"))).toEqual({
        pid: 42,
        parent: 7,
        group: 41,
        session: 40,
        stopped: false,
        start: 100,
      });
    }),
  );
});

test.each([
  ["R", 1, { stopped: false }],
  ["D", 1, { stopped: false }],
  ["T", 1, { stopped: true }],
  ["t", 1, { stopped: false }],
  ["Z", 1, undefined],
  ["X", 1, undefined],
  ["Z", 2, { stopped: false }], // its first thread has ended, another one may still write
])("state %s with %i threads", (state, threads, expected) => {
  const found = parseStat(line(") Z 1 (", state, threads));
  if (expected === undefined) expect(found).toBeUndefined();
  else expect(found).toMatchObject(expected);
});

test("an empty line, as of a process that ended in between, is nobody", () => {
  expect(parseStat("")).toBeUndefined();
});

test("we are among the processes of this machine", () => {
  expect(listProcesses()).toContainEqual(expect.objectContaining({ pid: process.pid, parent: process.ppid }));
});
