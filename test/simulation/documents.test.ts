import { describe, expect, test } from "vitest";
import type { Io } from "../../src/app/io.ts";
import { runDocumentsSchedule } from "./documents-schedule.ts";

const SEEDS = 120;

const firstBroken = async (seeds: number, sabotage?: (io: Io) => Io) => {
  for (let seed = 1; seed <= seeds; seed++) {
    const schedule = await runDocumentsSchedule(seed, sabotage);
    if (schedule.problems.length > 0) return schedule;
  }
  return undefined;
};

test("documents beside the graph, in a world that fails: no record and no bytes are lost that somebody answered for", async () => {
  const broken = await firstBroken(SEEDS);
  expect(broken && [broken.seed, ...broken.problems, ...broken.trace.slice(-60)].join("\n")).toBeUndefined();
});

describe("a wrapper that is wrong is found", () => {
  test("it writes over what others have written", async () => {
    const over = (io: Io): Io => ({
      ...io,
      store: {
        ...io.store,
        put: (name, body, mode, options, signal) =>
          io.store.put(name, body, name.startsWith(".kgsync/probe") ? mode : { mode: "overwrite" }, options, signal),
      },
    });
    expect((await firstBroken(SEEDS, over))?.problems.join("\n")).toContain("lost:");
  });

  test("it keeps nothing of what gives way", async () => {
    const forgetful = (io: Io): Io => ({
      ...io,
      rules: { ...io.rules, history: 0 },
      store: {
        ...io.store,
        put: (name, body, mode, options, signal) =>
          io.store.put(name, name.includes("/conflicts/") ? new Uint8Array() : body, mode, options, signal),
      },
    });
    expect((await firstBroken(SEEDS, forgetful))?.problems.join("\n")).toContain("lost: bytes");
  });
});
