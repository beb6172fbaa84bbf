import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ROLLOUTS } from "../support/docker-swarm-rollouts.ts";
import { createSwarmLab } from "../support/swarm-lab.ts";

const lab = createSwarmLab();
beforeAll(lab.join);
afterAll(lab.leave);

describe.concurrent("a rolling update under a real orchestrator loses nothing and is never stuck", () => {
  test.for(Object.entries(ROLLOUTS).filter(([, { inTests }]) => inTests))("%s", async ([, rollout]) => {
    const { facts, updates, codes, ...judged } = await lab.rollOut("kgsync", rollout);
    expect(judged).toEqual({ lost: [], onlyInRecords: [], back: [] });
    expect(facts.length).toBeGreaterThan(10);
    expect(updates).toEqual(rollout.kill === true ? [] : ["completed", "completed"]);
    // 143: it was told to stop while it stood by, and had started no app.
    const unusual = codes.filter((code) => code !== 0 && code !== 143);
    expect(unusual).toEqual(rollout.kill === true ? [137, 137] : []);
  });
});

test("docs/rolling-updates.md has rows of these scenarios only, and nothing lost with kgsync in any", () => {
  const table = [...readFileSync("docs/rolling-updates.md", "utf8").matchAll(/^\| (.+?) \| \d+, (\d+) \|/gm)];
  expect(table.length).toBeGreaterThan(10);
  expect(table.filter(([, name = "", lost]) => !(name in ROLLOUTS) || lost !== "0")).toEqual([]);
});
