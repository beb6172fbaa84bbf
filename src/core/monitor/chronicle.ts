import type { Happening, RequestOutcome } from "./happening.ts";

type At<T extends Happening["type"]> = Extract<Happening, { readonly type: T }> & { readonly at: number };

/** The graph's size at a moment. */
export type Sample = { readonly at: number; readonly bytes: number; readonly leaves: number };

/** What is remembered of a run, newest last; bounded. Times in Unix milliseconds. */
export type Chronicle = {
  /** Those that a person would call one: stored, held or failed; the same words again are one, with the later time. */
  readonly pushes: readonly At<"push">[];
  readonly merges: readonly At<"merge">[];
  /** Values that gave way since the start. */
  readonly conflicts: number;
  readonly lastConflictAt: number | undefined;
  readonly pull: At<"pull"> | undefined;
  readonly samples: readonly Sample[];
  readonly child: { readonly up: boolean; readonly since: number | undefined; readonly starts: number };
  readonly lease: {
    readonly held: boolean;
    readonly epoch: number | undefined;
    readonly waitingFor: string | undefined;
  };
  /** Requests to the bucket have failed since, without one that got through. */
  readonly trouble: (Pick<At<"request">, "operation" | "outcome"> & { readonly since: number }) | undefined;
  /** The bucket has what the app has not. */
  readonly ahead: boolean;
};

export const emptyChronicle: Chronicle = {
  pushes: [],
  merges: [],
  conflicts: 0,
  lastConflictAt: undefined,
  pull: undefined,
  samples: [],
  child: { up: false, since: undefined, starts: 0 },
  lease: { held: false, epoch: undefined, waitingFor: undefined },
  trouble: undefined,
  ahead: false,
};

/** As many pushes, and as many merges. */
export const SHOWN = 10;
/** More than these are thinned out: a long run is remembered as a whole, the older the coarser. */
export const SAMPLES = 240;

/** The chronicle with what happened at `at`. */
export const chronicled = (before: Chronicle, happening: Happening, at: number): Chronicle => {
  switch (happening.type) {
    case "request":
      return happening.outcome === "aborted"
        ? before
        : { ...before, trouble: withRequest(before.trouble, happening, at) };
    case "push":
      return {
        ...before,
        ahead: happening.document === undefined ? happening.ahead : before.ahead,
        pushes: withPush(before.pushes, { ...happening, at }),
      };
    case "merge":
      return {
        ...before,
        merges: [...before.merges, { ...happening, at }].slice(-SHOWN),
        conflicts: before.conflicts + happening.conflicts,
        lastConflictAt: happening.conflicts > 0 ? at : before.lastConflictAt,
      };
    case "pull":
      return { ...before, pull: { ...happening, at }, ahead: before.ahead && !happening.ok };
    case "graph":
      return {
        ...before,
        samples: withSample(before.samples, { at, bytes: happening.bytes, leaves: happening.leaves }),
      };
    case "child-started":
      return { ...before, child: { up: true, since: at, starts: before.child.starts + 1 } };
    case "child-ended":
      return { ...before, child: { ...before.child, up: false, since: at } };
    case "lease-waiting":
      return { ...before, lease: { held: false, epoch: undefined, waitingFor: happening.holder } };
    case "lease-held":
      return { ...before, lease: { held: true, epoch: happening.epoch, waitingFor: undefined } };
    case "lease-released":
    case "lease-lost":
      return { ...before, lease: { held: false, epoch: undefined, waitingFor: undefined } };
    default:
      return before;
  }
};

/** An answer is an answer, also one that is not what was hoped for. */
const ANSWERS: ReadonlySet<RequestOutcome> = new Set(["ok", "absent", "conflict"]);

const withRequest = (
  trouble: Chronicle["trouble"],
  { operation, outcome }: Pick<At<"request">, "operation" | "outcome">,
  at: number,
): Chronicle["trouble"] => (ANSWERS.has(outcome) ? undefined : { operation, outcome, since: trouble?.since ?? at });

const withPush = (pushes: Chronicle["pushes"], push: At<"push">): Chronicle["pushes"] => {
  if (push.result === "clean" || push.result === "waiting") return pushes;
  const last = pushes.at(-1);
  const again = push.result !== "stored" && last?.result === push.result && last.why === push.why;
  return [...(again ? pushes.slice(0, -1) : pushes), push].slice(-SHOWN);
};

const withSample = (samples: readonly Sample[], sample: Sample): readonly Sample[] => {
  const last = samples.at(-1);
  if (last?.bytes === sample.bytes && last.leaves === sample.leaves) return samples;
  const all = [...samples, sample];
  return all.length <= SAMPLES ? all : all.filter((_, n) => n % 2 === 0 || n === all.length - 1);
};
