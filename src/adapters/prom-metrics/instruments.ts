import { Counter, Gauge, Histogram, Registry } from "prom-client";

/** From a request on the same machine to one that is given up. */
const REQUEST_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];
/** A push or a pull is some requests. */
const WORK_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];

/**
 * Everything that is exported, in a registry of its own. Names as in Prometheus' "Metric and label naming": one prefix, base
 * units, `_total` for what only grows. Every label has a closed set of values; names of objects, writers and errors are none.
 */
export const createInstruments = () => {
  const registry = new Registry();
  const registers = [registry];
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers });
  const counter = (name: string, help: string) => new Counter({ name, help, registers });
  const counterBy = <const L extends string>(name: string, help: string, ...labelNames: L[]) =>
    new Counter({ name, help, labelNames, registers });
  const gaugeBy = <const L extends string>(name: string, help: string, ...labelNames: L[]) =>
    new Gauge({ name, help, labelNames, registers });
  return {
    registry,
    unsyncedAge: gauge(
      "kgsync_unsynced_age_seconds",
      "How long local work has been waiting to get to the bucket; 0 while all of it is there",
    ),
    lastSafe: gauge("kgsync_last_safe_timestamp_seconds", "When all local work was last seen to be in the bucket"),
    ahead: gauge("kgsync_bucket_ahead", "1 while the bucket is known to have what the app has not"),
    ready: gauge("kgsync_ready", "1 while /readyz answers with 200"),
    phase: gaugeBy("kgsync_phase", "1 for the phase of the run that it is in, 0 for all others", "phase"),
    childUp: gauge("kgsync_child_up", "1 while the app runs"),
    childStarts: counter("kgsync_child_starts_total", "How often the app was started"),
    childExits: counterBy("kgsync_child_exits_total", "How often the app has ended, by how", "how"),
    pulls: counterBy("kgsync_pulls_total", "Pulls before a start of the app, by their result", "result"),
    pullSeconds: new Histogram({
      name: "kgsync_pull_duration_seconds",
      help: "How long a pull took that got through",
      buckets: WORK_SECONDS,
      registers,
    }),
    pushes: counterBy(
      "kgsync_pushes_total",
      "Looks at a graph on disk that may have changed, by what came of them",
      "result",
    ),
    pushSeconds: new Histogram({
      name: "kgsync_push_duration_seconds",
      help: "How long a push took that stored the graph",
      buckets: WORK_SECONDS,
      registers,
    }),
    merges: counterBy("kgsync_merges_total", "Merges with what somebody else had written, by their result", "result"),
    conflicts: counter("kgsync_conflicts_total", "Values that gave way in merges; each is recorded in the bucket"),
    backups: counterBy("kgsync_backups_total", "Backups brought to the bucket (up) or to the disk (down)", "direction"),
    graphBytes: gauge("kgsync_graph_bytes", "The size of the graph on disk when it was last looked into"),
    graphLeaves: gauge("kgsync_graph_leaves", "The facts in the graph on disk when it was last looked into"),
    leaseHeld: gauge("kgsync_lease_held", "1 while the lease is ours; not exported without a lease"),
    leaseEpoch: gauge("kgsync_lease_epoch", "The epoch under which we hold the lease; not exported without a lease"),
    leaseLost: counter("kgsync_lease_lost_total", "How often the lease was lost to another copy, or to an outage"),
    requests: counterBy(
      "kgsync_bucket_requests_total",
      "Calls to the bucket, each try by itself, by their outcome",
      "operation",
      "outcome",
    ),
    requestSeconds: new Histogram({
      name: "kgsync_bucket_request_duration_seconds",
      help: "How long calls to the bucket took, whatever came of them",
      labelNames: ["operation"],
      buckets: REQUEST_SECONDS,
      registers,
    }),
    sent: counter("kgsync_bucket_sent_bytes_total", "Bytes of objects in puts, each try by itself"),
    received: counter("kgsync_bucket_received_bytes_total", "Bytes of objects in answers to gets"),
    build: gaugeBy("kgsync_build_info", "1, with the versions of kgsync and of Node in its labels", "version", "node"),
    processStart: gauge("process_start_time_seconds", "When kgsync was started"),
    processCpu: counter("process_cpu_seconds_total", "CPU time that kgsync itself has used, without the app"),
    processMemory: gauge("process_resident_memory_bytes", "Memory that kgsync itself has resident, without the app"),
  };
};

export type Instruments = ReturnType<typeof createInstruments>;
