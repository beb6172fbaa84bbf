import { beforeAll, describe, expect, test } from "vitest";
import { joinSwarm, ROLLOUTS, rollOut } from "../support/swarm-lab.ts";

beforeAll(joinSwarm); // what it answers undoes it

describe.concurrent("a rolling update under a real orchestrator loses nothing and is never stuck", () => {
  test.for(Object.entries(ROLLOUTS))("%s", async ([, rollout]) => {
    const { facts, lost, updates } = await rollOut("kgsync", rollout);
    expect(lost).toEqual([]);
    expect(facts).toBeGreaterThan(10);
    expect(updates).toEqual(rollout.kill === true ? [] : ["completed", "completed"]);
  });
});
