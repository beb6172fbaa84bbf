import { constants } from "node:os";
import { expect, test } from "vitest";
import { FORWARDED, forwardedAs, parseSignal, SIGNALS, STOP, signalName } from "../../../src/core/signals.ts";

test("numbers and names are this system's, aliases included", () => {
  expect(SIGNALS).toEqual(Array.from({ length: 31 }, (_, index) => index + 1));
  const system = Object.entries(constants.signals);
  expect(system.length).toBeGreaterThan(SIGNALS.length); // the aliases: the reason to go by number
  for (const [name, number] of system) expect([name, parseSignal(name)]).toEqual([name, number]);
  for (const number of SIGNALS) expect(constants.signals).toHaveProperty(signalName(number), number);
});

test("forwarded: 19 signals, each once; not those that we cause, cannot catch, or that are faults", () => {
  const names = "HUP INT QUIT USR1 USR2 ALRM TERM STKFLT CONT TSTP TTIN TTOU URG XCPU VTALRM PROF WINCH IO PWR";
  expect(FORWARDED.map((signal) => signalName(signal).slice(3)).join(" ")).toBe(names);
});

test("only the terminal's stops are changed on the way", () => {
  const changed = FORWARDED.filter((signal) => forwardedAs(signal) !== signal);
  expect(changed.map(signalName)).toEqual(["SIGTSTP", "SIGTTIN", "SIGTTOU"]);
  expect(new Set(changed.map(forwardedAs))).toEqual(new Set([STOP]));
});

test.each([
  ["TERM", 15],
  ["SIGTERM", 15],
  ["sigterm", 15],
  ["15", 15],
  ["IOT", 6],
  ["SIGPOLL", 29],
  ["1", 1],
  ["31", 31],
  ["0", undefined],
  ["32", undefined],
  ["-1", undefined],
  ["", undefined],
  ["SIG", undefined],
  ["SIGSIGTERM", undefined],
  ["TERM ", undefined],
  ["RTMIN", undefined],
  ["constructor", undefined],
])("%j is signal %s", (text, number) => {
  expect(parseSignal(text)).toBe(number);
});

test("a number without a name is still named", () => {
  expect([0, 34, 64].map(signalName)).toEqual(["signal 0", "signal 34", "signal 64"]);
});
