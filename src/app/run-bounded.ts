/** How many at once, and how much: `weightOf` an item counts towards `weight`. An item of more than that runs alone. */
type Bounds<T> = { readonly lanes: number; readonly weight: number; readonly weightOf: (item: T) => number };

const byCount = (lanes: number): Bounds<unknown> => ({ lanes, weight: lanes, weightOf: () => 1 });

/** Runs `work` on every item, within the limit at once, and stops starting more after the first rejection, which it rejects with. */
export const runBounded = async <T>(
  items: Iterable<T>,
  limit: number | Bounds<T>,
  work: (item: T) => Promise<void>,
): Promise<void> => {
  const { lanes, weight, weightOf } = typeof limit === "number" ? byCount(limit) : limit;
  const iterator = items[Symbol.iterator]();
  let failed = false;
  let held = 0;
  let freed = Promise.withResolvers<void>();
  const enter = async (own: number): Promise<void> => {
    while (held > 0 && held + own > weight) await freed.promise;
    held += own;
  };
  const leave = (own: number): void => {
    held -= own;
    freed.resolve();
    freed = Promise.withResolvers();
  };
  const lane = async (): Promise<void> => {
    for (let next = iterator.next(); !next.done && !failed; next = iterator.next()) {
      const own = weightOf(next.value);
      await enter(own);
      try {
        if (!failed) await work(next.value);
      } catch (thrown) {
        failed = true;
        throw thrown;
      } finally {
        leave(own);
      }
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
};
