/** Work of one kind. `expected`: objects in all, 0 when nobody knows. */
export type Underway = { readonly what: string; readonly done: number; readonly expected: number };

const KIB = 1024;
const MIB = 1024 ** 2;

const size = (bytes: number): readonly string[] => {
  if (bytes === 0) return [];
  return [bytes < MIB ? `${(bytes / KIB).toFixed(1)} KiB` : `${(bytes / MIB).toFixed(1)} MiB`];
};

/** An estimate that turned out too small is worse than none. */
const phrase = ({ what, done, expected }: Underway): string => {
  if (expected > 1 && done <= expected) return `${what} ${done}/${expected}`;
  return done > 1 ? `${what} ${done}` : what;
};

/** The line for a person who waits: what is done, the bytes that went either way so far, the whole seconds that it takes. */
export const progressText = (underway: readonly Underway[], bytes: number, ms: number): string =>
  `kgsync: ${[...underway.map(phrase), ...size(bytes), `${Math.floor(ms / 1000)} s`].join(", ")}`;
