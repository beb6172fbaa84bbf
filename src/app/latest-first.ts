/** Work in lanes: one at a time in each, and of what waits in a lane only the newest is done. */
export type LatestFirst = {
  /** `work` must not reject. */
  readonly add: (lane: string, work: () => Promise<void>) => void;
  /** Resolves when nothing is under way any more. */
  readonly idle: () => Promise<void>;
};

/** A wake-up says "look": whoever is told late needs the newest state, not all that were before it. */
export const createLatestFirst = (): LatestFirst => {
  const waiting = new Map<string, () => Promise<void>>();
  const running = new Map<string, Promise<void>>();
  const run = async (lane: string): Promise<void> => {
    for (let work = waiting.get(lane); work !== undefined; work = waiting.get(lane)) {
      waiting.delete(lane);
      await work();
    }
    running.delete(lane);
  };
  return {
    add: (lane, work) => {
      waiting.set(lane, work);
      if (running.has(lane)) return;
      running.set(lane, Promise.resolve()); // what `work` itself adds waits too
      running.set(lane, run(lane));
    },
    idle: async () => {
      while (running.size > 0) await Promise.all(running.values());
    },
  };
};
