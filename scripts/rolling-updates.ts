// Prints the table of docs/rolling-updates.md: each scenario with kgsync and with the naive script, one after the other.
// Run by scripts/test-swarm.sh --table, which brings an engine and the images.
import { joinSwarm, ROLLOUTS, rollOut } from "../test/support/swarm-lab.ts";

const leaveSwarm = await joinSwarm();
process.stdout.write("| scenario | kgsync: facts, lost | naive script: facts, lost |\n|---|---|---|\n");
for (const [name, rollout] of Object.entries(ROLLOUTS)) {
  const cells: string[] = [];
  for (const wrapper of ["kgsync", "naive"] as const) {
    const leased = rollout.env?.["KGSYNC_LEASE"] !== undefined;
    if (wrapper === "naive" && leased) {
      cells.push("–");
      continue;
    }
    const { facts, lost, updates } = await rollOut(wrapper, rollout);
    const stuck = updates.filter((state) => state !== "completed");
    cells.push(`${facts}, ${lost.length}${stuck.length === 0 ? "" : ` (${stuck.join(", ")})`}`);
  }
  process.stdout.write(`| ${name} | ${cells.join(" | ")} |\n`);
}
await leaveSwarm();
