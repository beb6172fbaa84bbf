// Whole wrappers in a simulated world (docs/simulation.md):  node scripts/simulate.ts [--seeds N] [--from S] [--seed S] [--create-only]
// Prints what was run, and of the first seed that breaks a law: the law, and everything that happened. --seed S plays exactly
// that one again.
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { runSchedule, type Schedule } from "../test/simulation/run-schedule.ts";

type Part = { readonly from: number; readonly to: number; readonly every: number; readonly createOnly: boolean };
type Report = {
  readonly schedules: number;
  readonly sums: Record<string, number>;
  readonly failed: Schedule | undefined;
};

const runPart = async ({ from, to, every, createOnly }: Part): Promise<Report> => {
  const sums: Record<string, number> = {};
  let schedules = 0;
  for (let seed = from; seed < to; seed += every) {
    const schedule = await runSchedule(seed, {}, createOnly);
    schedules += 1;
    for (const [name, count] of Object.entries(schedule.counts)) sums[name] = (sums[name] ?? 0) + count;
    if (schedule.problems.length > 0) return { schedules, sums, failed: schedule };
  }
  return { schedules, sums, failed: undefined };
};

const tell = ({ seed, problems, trace }: Schedule): void => {
  for (const line of trace) process.stdout.write(`${line}\n`);
  for (const problem of problems) process.stdout.write(`seed ${seed}: ${problem}\n`);
};

const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      seeds: { type: "string", default: "1000" },
      from: { type: "string", default: "1" },
      seed: { type: "string" },
      "create-only": { type: "boolean", default: false },
    },
  });
  const createOnly = values["create-only"];
  if (values.seed !== undefined) {
    const schedule = await runSchedule(Number(values.seed), {}, createOnly);
    tell(schedule);
    process.stdout.write(`${JSON.stringify(schedule.counts)}\n`);
    process.exitCode = schedule.problems.length === 0 ? 0 : 1;
    return;
  }
  const [from, seeds, every] = [Number(values.from), Number(values.seeds), availableParallelism()];
  const started = performance.now();
  const reports = await Promise.all(
    Array.from({ length: every }, (_, n) => {
      const part: Part = { from: from + n, to: from + seeds, every, createOnly };
      const worker = new Worker(new URL(import.meta.url), { workerData: part });
      return new Promise<Report>((resolve, reject) => {
        worker.once("message", resolve);
        worker.once("error", reject);
      });
    }),
  );
  const sums: Record<string, number> = {};
  for (const report of reports)
    for (const [name, count] of Object.entries(report.sums)) sums[name] = (sums[name] ?? 0) + count;
  const schedules = reports.reduce((sum, report) => sum + report.schedules, 0);
  const [failed] = reports.flatMap((report) => report.failed ?? []).sort((a, b) => a.seed - b.seed);
  if (failed !== undefined) tell(failed);
  const seconds = Math.round((performance.now() - started) / 1000);
  process.stdout.write(
    `${schedules} schedules, ${failed === undefined ? "all laws hold" : `seed ${failed.seed} FAILS`}\n`,
  );
  process.stdout.write(`${JSON.stringify({ ...sums, seconds })}\n`);
  process.exitCode = failed === undefined ? 0 : 1;
};

if (isMainThread) await main();
else parentPort?.postMessage(await runPart(workerData));
