import type { Clock } from "../../ports/clock.ts";
import { abandon, type Job } from "./job.ts";
import type { Repository } from "./repository.ts";
import { createCompany } from "./together.ts";

/** How long to wait for others before a commit, and, while bodies are still being read, at most. */
const GATHER_MS = 15;
const MAX_GATHER_MS = 600;
const MAX_JOBS = 500;

/** Collects the jobs that come while the one before is on its way, so that one commit carries all of them. */
export const createGather = (
  clock: Clock,
  alone: Repository["alone"],
  carry: (jobs: readonly Job[], signal: AbortSignal) => Promise<void>,
) => {
  let waiting: Job[] = [];
  let scheduled = false;
  let staged = 0;

  /** One for each key: a second write of a key is judged by what the first has made of it. */
  const take = (): readonly Job[] => {
    const jobs = new Map<string, Job>();
    const rest: Job[] = [];
    for (const job of waiting)
      if (job.signal.aborted) abandon(job);
      else if (jobs.has(job.key) || jobs.size === MAX_JOBS) rest.push(job);
      else jobs.set(job.key, job);
    waiting = rest;
    return [...jobs.values()];
  };
  const carryNext = async (): Promise<void> => {
    scheduled = false;
    const jobs = take();
    if (waiting.length > 0) schedule();
    if (jobs.length === 0) return;
    const company = createCompany();
    for (const { signal } of jobs) company.join(signal);
    await carry(jobs, company.signal);
  };
  const gathered = async (): Promise<void> => {
    const limit = clock.now().mono + MAX_GATHER_MS;
    do await clock.sleep(GATHER_MS);
    while (staged > 0 && clock.now().mono < limit);
  };
  const schedule = (): void => {
    if (scheduled) return;
    scheduled = true;
    void gathered().then(() => alone(carryNext));
  };
  return {
    enqueue: (job: Job): void => {
      waiting.push(job);
      schedule();
    },
    /** Runs the work that a job is about to come from. */
    staging: async <T>(work: () => Promise<T>): Promise<T> => {
      staged++;
      try {
        return await work();
      } finally {
        staged--;
      }
    },
  };
};
