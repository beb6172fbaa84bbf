/** Runs `work` on every item, at most `limit` at once, and stops starting more after the first rejection, which it rejects with. */
export const runBounded = async <T>(
  items: Iterable<T>,
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> => {
  const iterator = items[Symbol.iterator]();
  let failed = false;
  const lane = async (): Promise<void> => {
    for (let next = iterator.next(); !next.done && !failed; next = iterator.next())
      try {
        await work(next.value);
      } catch (thrown) {
        failed = true;
        throw thrown;
      }
  };
  await Promise.all(Array.from({ length: limit }, lane));
};
