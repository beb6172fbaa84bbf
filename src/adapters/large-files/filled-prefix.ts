/** How much of a file is there from its start on, while its pieces come in any order. Answers bytes. */
export const createFilledPrefix = (): ((offset: number, length: number) => number) => {
  const islands = new Map<number, number>(); // beyond the prefix: start → end
  let prefix = 0;
  return (offset, length) => {
    const end = offset + length;
    if (offset > prefix) {
      islands.set(offset, Math.max(end, islands.get(offset) ?? 0));
      return prefix;
    }
    prefix = Math.max(prefix, end);
    for (let next = islands.get(prefix); next !== undefined; next = islands.get(prefix)) {
      islands.delete(prefix);
      prefix = Math.max(prefix, next);
    }
    return prefix;
  };
};
