/**
 * What takes its time, for a person who waits for it. `what` is the word that the person reads: a plural, or a doing, where it is counted.
 * Never throws, never blocks.
 */
export type Progress = {
  /** A piece of work has begun. The function that comes back is called once, when it has ended, however. */
  readonly begin: (what: string) => () => void;
  /** So many more objects, and bytes in either direction, are dealt with. */
  readonly count: (what: string, objects: number, bytes: number) => void;
  /** So many more objects are to come. Without it nobody knows how many there will be. */
  readonly expect: (what: string, objects: number) => void;
  /** Nothing is shown any more from here on, whatever is still told. May be called twice. */
  readonly end: () => void;
};
