import { describe, expect, it } from "vitest";
import { loadConfig } from "../../../src/config/load.ts";
import { KgsyncError } from "../../../src/core/errors.ts";

const load = (value: string, more: Readonly<Record<string, string>> = {}) =>
  loadConfig({ KGSYNC_BUCKET: "file:///b", KGSYNC_SIGNAL_MAP: value, ...more }, {}, () => "").config.signalMap;

describe("KGSYNC_SIGNAL_MAP", () => {
  it.each<[string, readonly (readonly [number, number])[]]>([
    ["TERM:QUIT", [[15, 3]]],
    ["SIGTERM:SIGQUIT,HUP:0", [[15, 3], [1, 0]]], // biome-ignore format: pairs
    ["15:3", [[15, 3]]],
    ["TERM:RTMIN+3", [[15, 37]]],
    ["TERM:SIGRTMAX-14", [[15, 50]]],
    ["TERM:KILL", [[15, 9]]],
    ["POLL:IOT", [[29, 6]]],
    ["TSTP:TSTP", [[20, 20]]],
  ])("%s", (text, pairs) => {
    expect([...load(text)]).toEqual(pairs);
  });

  it.each([
    ["TERM", "not of the accepted form"],
    ["TERM:", "not of the accepted form"],
    ["TERM:QUIT,", "not of the accepted form"],
    ["TERM: QUIT", "not of the accepted form"],
    ["TREM:QUIT", "maps TREM, which is no signal"],
    ["TERM:QIUT", "maps to QIUT, which is no signal"],
    ["KILL:TERM", "maps SIGKILL, which kgsync cannot pass on"],
    ["CHLD:TERM", "maps SIGCHLD, which kgsync cannot pass on"],
    ["RTMIN:TERM", "maps RTMIN, which is no signal"],
    ["TERM:RTMIN+31", "maps to RTMIN+31, which is no signal"],
    ["TERM:33", "maps to 33, which is no signal"],
    ["TERM:INT,15:QUIT", "maps SIGTERM twice"],
    ["TERM:0", "KGSYNC_SIGNAL_MAP sends nothing for SIGTERM, which is in KGSYNC_STOP_SIGNALS"],
  ])("%s is refused: %s", (text, problem) => {
    let thrown: unknown;
    try {
      load(text);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(KgsyncError);
    expect(thrown).toMatchObject({ code: "config-invalid", message: expect.stringContaining(problem) });
  });

  it("dropping a signal that does not stop is fine", () => {
    expect([...load("INT:0", { KGSYNC_STOP_SIGNALS: "TERM" })]).toEqual([[2, 0]]);
  });
});
