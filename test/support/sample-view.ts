import { chronicled, emptyChronicle } from "../../src/core/monitor/chronicle.ts";
import type { Happening } from "../../src/core/monitor/happening.ts";
import type { View } from "../../src/core/monitor/view.ts";

/** When the samples are looked at. */
export const NOW = Date.UTC(2026, 10, 24, 12, 0, 0);

/** What a run that is as it should be looks like, but for what is given. */
export const sampleView = (differs: Partial<View> = {}, ...happenings: readonly Happening[]): View => ({
  version: "1.2.3",
  node: "v24.0.0",
  now: NOW,
  startedAt: NOW - 3_600_000,
  bucket: "s3://my-bucket/my-app",
  phase: "running",
  phaseSince: NOW - 3_599_000,
  readyWhen: "serving",
  beside: false,
  unsyncedSince: undefined,
  why: undefined,
  lastSafeAt: NOW - 60_000,
  lease: undefined,
  readonlyUnder: undefined,
  chronicle: happenings.reduce(
    (chronicle, happening, n) => chronicled(chronicle, happening, NOW - 1000 * (happenings.length - n)),
    emptyChronicle,
  ),
  changes: [],
  ...differs,
});
