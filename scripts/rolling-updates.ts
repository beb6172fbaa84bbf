// Prints the table of docs/rolling-updates.md: each scenario with kgsync and with the naive script, some at a time.
// Run by scripts/test-docker.sh --table, which brings an engine and the images. Exits with 1 if kgsync lost anything, or
// brought back what was removed.
import { ROLLOUTS, type Rollout } from "../test/support/docker-swarm-rollouts.ts";
import { createSwarmLab } from "../test/support/swarm-lab.ts";

const AT_ONCE = 4;
const lab = createSwarmLab();
await lab.join();
let lostAny = false;

const cell = async (wrapper: "kgsync" | "naive", rollout: Rollout): Promise<string> => {
  // The script knows none of these.
  if (wrapper === "naive" && (rollout.s3 === true || rollout.ownState === true || rollout.lease !== undefined))
    return "–";
  const { facts, lost, onlyInRecords, back, updates } = await lab.rollOut(wrapper, rollout);
  const stuck = updates.filter((state) => state !== "completed");
  const wrong = [...lost, ...onlyInRecords, ...back, ...stuck];
  if (wrapper === "kgsync" && wrong.length > 0) {
    process.stderr.write(`kgsync: ${JSON.stringify({ rollout, lost, onlyInRecords, back, stuck })}\n`);
    lostAny = true;
  }
  return `${facts.length}, ${lost.length}${stuck.length === 0 ? "" : ` (${stuck.join(", ")})`}`;
};

const rows = Object.entries(ROLLOUTS);
const lines: string[] = [];
const queue = rows.entries();
const work = async (): Promise<void> => {
  for (const [index, [name, rollout]] of queue) {
    lines[index] = `| ${name} | ${await cell("kgsync", rollout)} | ${await cell("naive", rollout)} |`;
    process.stderr.write(`${lines[index]}\n`);
  }
};
try {
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  process.stdout.write(`| scenario | kgsync: facts, lost | the script: facts, lost |\n|---|---|---|\n`);
  process.stdout.write(`${lines.join("\n")}\n`);
} finally {
  await lab.leave();
}
process.exitCode = lostAny ? 1 : 0;
