/** What an update or an accident does to the app's containers, and how kgsync (or the naive script) is set up. */
export type Rollout = {
  readonly order: "start-first" | "stop-first";
  /** The orchestrator waits for `kgsync health` before it goes on. */
  readonly gated?: boolean;
  readonly replicas?: number;
  /** All containers share one folder of the host, instead of each beginning with an empty disk. */
  readonly oneVolume?: boolean;
  /** The state folder is not beside the graph: each container has one of its own. */
  readonly ownState?: boolean;
  /** Nothing is uploaded but at the end. */
  readonly onlyAtStop?: boolean;
  /** Containers are killed with KILL instead of being updated. */
  readonly kill?: boolean;
  /** The bucket is on a real S3 server instead of a folder. */
  readonly s3?: boolean;
  readonly lease?: "serving" | "standby";
  /** The tests run it: each mechanism once. The others only with the table, for their time. */
  readonly inTests?: true;
};

const startFirst = { order: "start-first" } as const;
const stopFirst = { order: "stop-first" } as const;
const inTests = true;

/** Every scenario by its name; the rows of docs/rolling-updates.md. */
export const ROLLOUTS: Readonly<Record<string, Rollout>> = {
  "start-first": startFirst,
  "start-first, gated on health": { ...startFirst, gated: true, inTests },
  "start-first, upload only at stop": { ...startFirst, onlyAtStop: true },
  "stop-first": stopFirst,
  "stop-first, gated on health": { ...stopFirst, gated: true },
  "stop-first, upload only at stop": { ...stopFirst, onlyAtStop: true, inTests },
  "two replicas, start-first": { ...startFirst, replicas: 2, inTests },
  "two replicas, start-first, upload only at stop": { ...startFirst, replicas: 2, onlyAtStop: true },
  "one volume, start-first, gated on health": { ...startFirst, oneVolume: true, gated: true },
  "one volume, start-first, gated on health, KGSYNC_STATE_DIR elsewhere": {
    ...startFirst,
    oneVolume: true,
    ownState: true,
    gated: true,
    inTests,
  },
  "two replicas on one volume, start-first": { ...startFirst, replicas: 2, oneVolume: true },
  "two replicas on one volume, stop-first": { ...stopFirst, replicas: 2, oneVolume: true },
  "killed with KILL": { ...startFirst, kill: true },
  "two replicas, killed with KILL": { ...startFirst, replicas: 2, kill: true },
  "two replicas on one volume, killed with KILL": {
    ...startFirst,
    replicas: 2,
    oneVolume: true,
    kill: true,
    inTests,
  },
  "one volume, upload only at stop, killed with KILL": {
    ...startFirst,
    replicas: 2,
    oneVolume: true,
    onlyAtStop: true,
    kill: true,
  },
  "S3, start-first, gated on health": { ...startFirst, gated: true, s3: true },
  "S3, two replicas, start-first, upload only at stop": { ...startFirst, replicas: 2, onlyAtStop: true, s3: true },
  "S3, two replicas, killed with KILL": { ...startFirst, replicas: 2, kill: true, s3: true, inTests },
  "start-first, gated on health, with a lease, ready when serving": {
    ...startFirst,
    gated: true,
    lease: "serving",
    inTests,
  },
  "start-first, gated on health, with a lease, ready when standing by": {
    ...startFirst,
    gated: true,
    lease: "standby",
  },
  "two replicas with a lease, ready when standing by, start-first": {
    ...startFirst,
    replicas: 2,
    gated: true,
    lease: "standby",
  },
  "two replicas with a lease, the holder killed with KILL": {
    ...startFirst,
    replicas: 2,
    kill: true,
    lease: "standby",
    inTests,
  },
};
