import type { ChangedSections, GraphChange } from "../core/monitor/graph-change.ts";
import type { Clock } from "../ports/clock.ts";

type Compare = (from: Uint8Array, to: Uint8Array) => ChangedSections | undefined;

export type GraphChangesOptions = {
  readonly clock: Clock;
  /** Loads what compares two graphs; see `compareGraphs`. */
  readonly load: () => Promise<Compare>;
  /** Nobody waits: neither for a start nor for an end. */
  readonly isCalm: () => boolean;
};

/** The last changes of the graph on disk by meaning, for the page. Keeps two versions of a small graph and a few lines. */
export type GraphChanges = {
  /** The graph was looked into. The bytes are kept, and must not change. */
  readonly saw: (bytes: Uint8Array, leaves: number) => void;
  /** A push has ended: once it is answered there is time to compare. */
  readonly pushed: () => void;
  /** Newest last. */
  readonly list: () => readonly GraphChange[];
};

/** As many changes are kept. */
export const KEPT_CHANGES = 5;
/**
 * Of larger graphs only the counts are told: to compare two of this size may take a tenth of a second, in which no signal is
 * forwarded. In bytes.
 */
export const COMPARED_BYTES = 1024 * 1024;
/** Whoever waits for a push is answered by then. */
export const AFTER_PUSH_MS = 50;

type Seen = Pick<GraphChange, "at" | "leaves"> & { readonly size: number; readonly bytes: Uint8Array | undefined };

export const createGraphChanges = ({ clock, load, isCalm }: GraphChangesOptions): GraphChanges => {
  let changes: readonly GraphChange[] = [];
  let told: Seen | undefined;
  let latest: Seen | undefined;
  let due = false;

  const look = async (): Promise<void> => {
    const compare = await load().catch(() => undefined);
    // From here on in one go: meanwhile another version may have been seen, or another look have told it.
    const [from, to] = [told, latest];
    if (from === undefined || to === undefined || from === to || !isCalm()) return;
    told = to;
    const sections = compare === undefined ? undefined : compared(from, to, compare);
    const differs =
      sections === undefined ? from.size !== to.size || from.leaves !== to.leaves : sections.list.length > 0;
    if (!differs) return;
    const change = { at: to.at, before: from.leaves, leaves: to.leaves, sections };
    changes = [...changes, change].slice(-KEPT_CHANGES);
  };

  return {
    saw: (bytes, leaves) => {
      if (latest !== undefined && isSame(latest, bytes, leaves)) return;
      const kept = bytes.length <= COMPARED_BYTES ? bytes : undefined;
      latest = { at: clock.now().wall, leaves, size: bytes.length, bytes: kept };
      told ??= latest;
    },
    pushed: () => {
      if (due || told === latest) return;
      due = true;
      clock.after(AFTER_PUSH_MS, () => {
        due = false;
        if (isCalm()) void look();
      });
    },
    list: () => changes,
  };
};

/** Where it cannot be compared the counts stand: it is only shown, and nothing else may end by it. */
const compared = ({ bytes: from }: Seen, { bytes: to }: Seen, compare: Compare): ChangedSections | undefined => {
  if (from === undefined || to === undefined) return undefined;
  try {
    return compare(from, to);
  } catch {
    return undefined;
  }
};

/** A push that is tried again looks at the same bytes again. */
const isSame = (seen: Seen, bytes: Uint8Array, leaves: number): boolean =>
  seen.size === bytes.length &&
  seen.leaves === leaves &&
  (seen.bytes === undefined || seen.bytes.every((byte, n) => byte === bytes[n]));
