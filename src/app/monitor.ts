import type { ChildStatus } from "../core/child-status.ts";
import type { LifecycleEvent, LifecycleState } from "../core/lifecycle-types.ts";
import { chronicled, emptyChronicle } from "../core/monitor/chronicle.ts";
import type { ChildEnd, Happening } from "../core/monitor/happening.ts";
import type { View } from "../core/monitor/view.ts";
import type { Clock } from "../ports/clock.ts";
import type { Metrics } from "../ports/metrics.ts";
import { createGraphChanges, type GraphChangesOptions } from "./graph-changes.ts";
import type { Facts } from "./perform-types.ts";
import type { Status } from "./status-file.ts";

export type MonitorOptions = {
  readonly clock: Clock;
  readonly counting: Metrics;
  /** Takes secrets out of a text that an error has brought. */
  readonly redact: (text: string) => string;
  /** See `GraphChangesOptions.load`. */
  readonly loadCompare: GraphChangesOptions["load"];
  readonly about: Pick<View, "version" | "node" | "readyWhen" | "beside"> & { readonly lease: boolean };
};

/** What is known of a run from elsewhere. */
export type Known = { readonly bucket: string; readonly facts: Facts; readonly status: () => Status };

/** Watches a run, for whoever asks. Nothing here is waited for, asks the bucket, or touches the disk. */
export type Monitor = Metrics & {
  readonly step: (from: LifecycleState, event: LifecycleEvent, to: LifecycleState) => void;
  readonly view: (known: Known) => View;
};

export const createMonitor = ({ clock, counting, redact, loadCompare, about }: MonitorOptions): Monitor => {
  const startedAt = clock.now();
  let phase: View["phase"] = "owning";
  let phaseSince = startedAt;
  let chronicle = emptyChronicle;
  const changes = createGraphChanges({ clock, load: loadCompare, isCalm: () => phase === "running" });

  const note = (happening: Happening): void => {
    const shown =
      happening.type === "push" && happening.why !== undefined
        ? { ...happening, why: redact(happening.why) }
        : happening;
    chronicle = chronicled(chronicle, shown, clock.now().wall);
    counting.note(shown);
    if (happening.type === "push") changes.pushed();
  };

  return {
    note,
    saw: changes.saw,
    step: (from, event, to) => {
      for (const happening of happenings(from, event, to, clock.now().mono - phaseSince.mono)) note(happening);
      if (to.phase !== phase) phaseSince = clock.now();
      phase = to.phase;
    },
    view: ({ bucket, facts, status }) => {
      const { unsyncedSince, why, lastPushedAt } = status();
      const { lease, ...rest } = about;
      return {
        ...rest,
        now: clock.now().wall,
        startedAt: startedAt.wall,
        bucket: redact(bucket),
        phase,
        phaseSince: phaseSince.wall,
        unsyncedSince,
        why: unsyncedSince === undefined || why === undefined ? undefined : redact(why),
        lastSafeAt: lastPushedAt,
        lease: lease ? chronicle.lease : undefined,
        readonlyUnder: facts.readonlyUnder(),
        chronicle,
        changes: changes.list(),
      };
    },
  };
};

/** What a step means to somebody who counts. `ms`: how long the phase before it took. */
const happenings = (
  from: LifecycleState,
  event: LifecycleEvent,
  to: LifecycleState,
  ms: number,
): readonly Happening[] => {
  const told: Happening[] = [];
  if (from.phase === "pulling" && to.phase === "spawning") told.push({ type: "pull", ok: true, ms });
  if (from.phase === "pulling" && event.type === "start-failed") told.push({ type: "pull", ok: false, ms });
  if (from.phase === "spawning" && event.type === "spawned") told.push({ type: "child-started" });
  if (event.type === "child-ended" && to.phase !== from.phase)
    told.push({ type: "child-ended", how: howEnded(event.status) });
  if (from.fault !== "fenced" && to.fault === "fenced") told.push({ type: "lease-lost" });
  if (to.phase === "leasing" && from.phase === "pushing") told.push({ type: "lease-released" });
  return told;
};

const howEnded = (status: ChildStatus): ChildEnd =>
  status.kind === "signaled" ? "signal" : status.code === 0 ? "success" : "failure";
