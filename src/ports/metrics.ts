import type { Happening } from "../core/monitor/happening.ts";
import type { View } from "../core/monitor/view.ts";

/** Is told what happens. Never throws, never blocks, and keeps nothing that grows. */
export type Metrics = {
  readonly note: (happening: Happening) => void;
  /** The graph on disk, whenever it was looked into, with its facts. Nobody changes the bytes afterwards. */
  readonly saw?: ((graph: Uint8Array, leaves: number) => void) | undefined;
};

/** The same, which can tell it again in the text format of Prometheus (version 0.0.4). */
export type Exposition = Metrics & {
  readonly contentType: string;
  /** The counts so far, with the gauges as `view` has them. */
  readonly expose: (view: View) => Promise<string>;
};
