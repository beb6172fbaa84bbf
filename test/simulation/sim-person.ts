import type { Oracle } from "./oracle.ts";
import type { createSimBucket } from "./sim-bucket.ts";
import { describe, emptyView, textOf, type View, viewOf } from "./sim-graph.ts";
import type { Machine } from "./sim-machine.ts";

type PersonOptions = {
  readonly bucket: ReturnType<typeof createSimBucket>;
  readonly oracle: Oracle;
  readonly machines: readonly Machine[];
  /** In ms. */
  readonly now: () => number;
  readonly say: (what: string) => void;
  readonly fresh: () => string;
};

const FIRST_FACTS = 14;

/** Somebody who writes the bucket's graph with another tool, in no time: no condition, no metadata. */
export const createPerson = ({ bucket, oracle, machines, now, say, fresh }: PersonOptions) => {
  const upload = (before: View, facts: ReadonlyMap<string, string>): void => {
    const after = { ...before, facts };
    const text = textOf(after, now() * 1000);
    say(`somebody uploads ${describe(after)}`);
    oracle.acknowledge(
      oracle.saved({ by: "person", text, before, after, gone: new Set(), sure: undefined, accident: false }),
    );
    // What was put before is no ancestor of it: of an answer that was lost nobody will ever hear.
    for (const machine of machines) oracle.excuse(machine.name, viewOf(machine.local()));
    bucket.upload(text);
  };
  return {
    /** A graph that is large enough for the shrink guard. */
    begin: (): void => {
      upload(emptyView, new Map(Array.from({ length: FIRST_FACTS }, () => [fresh(), fresh()] as const)));
    },
    /** Adds a fact, and edits one that apps edit too. */
    edit: (): void => {
      const before = viewOf(bucket.graph()) ?? emptyView;
      upload(before, new Map([...before.facts, [fresh(), fresh()], ["k0", fresh()]]));
    },
  };
};
