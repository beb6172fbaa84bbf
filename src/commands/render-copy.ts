import type { CopyReport } from "../app/copy-store.ts";
import { sizeText } from "./size-text.ts";

export type CopyView = {
  readonly report: CopyReport;
  readonly from: string;
  readonly to: string;
  readonly dryRun: boolean;
  readonly json: boolean;
};

/** Whether everything of the source is in the target now, or in what came from it. */
export const isWhole = ({ left, moved }: CopyReport): boolean => left.length === 0 && !moved;

const GRAPH = {
  create: "the graph is there",
  same: "the graph was there already",
  update: "the graph there was an earlier version, and was replaced",
  newer: "the graph there came from this one and is newer: it is left as it is",
  differs: "both graphs have changed: the one there is left as it is",
  absent: "the source has no graph",
} as const satisfies Record<CopyReport["graph"], string>;

/** A line for each thing that was left, then what was done. Ends with a newline. */
export const renderCopy = ({ report, from, to, dryRun, json }: CopyView): string => {
  const { objects, bytes, graph, left, moved } = report;
  if (json) return `${JSON.stringify({ from, to, dryRun, whole: isWhole(report), ...report }, undefined, 2)}\n`;
  const done = objects.create + objects.update;
  const verb = dryRun ? "would be copied" : "copied and compared";
  const lines = [
    ...left.map(({ name, why }) => `left: ${name}: ${why}`),
    `${done} ${done === 1 ? "object" : "objects"} (${sizeText(bytes)}) ${verb}, ${objects.same + objects.newer} there before`,
    ...(dryRun && graph === "create" ? ["the graph is not there yet"] : [GRAPH[graph]]),
    ...(moved ? ["the source is still written to: stop what writes it, then run this again"] : []),
  ];
  return `${lines.join("\n")}\n`;
};
