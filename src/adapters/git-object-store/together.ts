/** Runs one piece of work after the other. A failure is only its own caller's. */
export const createLane = (): (<T>(work: () => Promise<T>) => Promise<T>) => {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const next = last.then(work);
    last = next.catch(() => undefined);
    return next;
  };
};

/** Callers who wait for the same thing: `signal` aborts when each of them has gone. */
export type Company = {
  readonly signal: AbortSignal;
  readonly join: (signal: AbortSignal) => void;
};

export const createCompany = (): Company => {
  const gone = new AbortController();
  let waiting = 0;
  return {
    signal: gone.signal,
    join: (signal) => {
      waiting++;
      const leave = (): void => {
        if (--waiting === 0) gone.abort(signal.reason);
      };
      if (signal.aborted) leave();
      else signal.addEventListener("abort", leave, { once: true });
    },
  };
};
