/** What tells how much memory there is. */
export type MemorySources = {
  /** The text of a file; throws if there is none. */
  readonly readText: (path: string) => string;
  /** Bytes that the machine has. */
  readonly totalMemory: () => number;
};

const FILES = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"];

/**
 * Bytes of memory that this container may use: the limit of its cgroup (v2, else v1), else what the machine has. A limit above
 * that is none (v1 has 2^63 for "none", v2 the word `max`). Never throws.
 */
export const memoryLimit = ({ readText, totalMemory }: MemorySources): number => {
  const limits = FILES.map((path) => limitIn(path, readText)).filter((limit) => limit !== undefined);
  return Math.min(totalMemory(), ...limits);
};

const limitIn = (path: string, readText: MemorySources["readText"]): number | undefined => {
  try {
    const text = readText(path).trim();
    return /^[0-9]+$/.test(text) ? Number(text) : undefined;
  } catch {
    return undefined;
  }
};
