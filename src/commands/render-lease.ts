import type { LeaseLook } from "../core/lease/judge-lease.ts";

/** What was found in the bucket. */
export type LeaseView = {
  readonly bucket: string;
  readonly look: LeaseLook;
  /** `epoch`: none for a graph that nobody wrote under a lease. */
  readonly graph: "absent" | { readonly epoch: number | undefined };
};

/** The lease for people, or as one JSON object for programs. Ends with a newline. */
export const renderLease = (view: LeaseView, json: boolean): string => (json ? asJson(view) : asText(view));

const asJson = ({ bucket, look, graph }: LeaseView): string => {
  const lease = look?.parsed.kind === "lease" ? look.parsed.lease : undefined;
  const graphEpoch = graph === "absent" ? undefined : (graph.epoch ?? 0);
  const shown = {
    bucket,
    state: look === undefined ? "absent" : (lease?.state ?? "damaged"),
    holder: lease?.holder ?? null,
    epoch: lease?.epoch ?? null,
    ttlMs: lease?.ttlMs ?? null,
    wantedBy: lease?.wanted?.by ?? null,
    graphEpoch: graphEpoch ?? null,
    graphMatches: lease === undefined || graphEpoch === undefined ? null : graphEpoch === lease.epoch,
  };
  return `${JSON.stringify(shown, undefined, 2)}\n`;
};

const asText = ({ bucket, look, graph }: LeaseView): string => {
  const rows: (readonly [string, string])[] = [["bucket", bucket]];
  if (look === undefined) rows.push(["lease", "none: nobody has ever held it, or somebody removed it"]);
  else if (look.parsed.kind === "damaged") rows.push(["lease", `cannot be read: ${look.parsed.why}`]);
  else {
    const { holder, epoch, state, ttlMs, wanted } = look.parsed.lease;
    rows.push(
      ["lease", state],
      [state === "held" ? "holder" : "last holder", holder],
      ["epoch", String(epoch)],
      ["time to live", `${ttlMs / 1000}s`],
      ["wanted by", wanted?.by ?? "nobody"],
    );
  }
  rows.push(["graph", ofGraph(look, graph)]);
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}\n`).join("");
};

const ofGraph = (look: LeaseLook, graph: LeaseView["graph"]): string => {
  if (graph === "absent") return "none yet";
  const epoch = graph.epoch === undefined ? "written without a lease" : `epoch ${graph.epoch}`;
  if (look?.parsed.kind !== "lease") return epoch;
  const there = graph.epoch ?? 0;
  if (there === look.parsed.lease.epoch) return `${epoch}, the lease's own`;
  return there > look.parsed.lease.epoch
    ? `${epoch}, later than the lease's: the next holder goes on from it`
    : `${epoch}, earlier than the lease's: its holder has not started yet`;
};
