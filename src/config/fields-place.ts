import { bucketUrl } from "./bucket-url.ts";
import { DEFAULT_GRAPH } from "./default-graph.ts";
import { field } from "./field.ts";
import { includeList } from "./include-list.ts";
import { duration, onOff, optional, path, pathOrNone } from "./kinds.ts";
import { backupsPull } from "./lists.ts";

/** What is kept in step, where, and when it is pushed. */
export const placeFields = {
  bucket: field(bucketUrl(), {
    env: "KGSYNC_BUCKET",
    group: "place",
    example: "s3://my-bucket/amadeus",
    prose: "Where the state is kept: a bucket and a prefix, or a folder (a shared mount, or to try it out).",
    unset: "required",
  }),
  graph: field(path(), {
    env: "KGSYNC_GRAPH",
    group: "place",
    example: "data/state.json",
    prose: "The app's state: a JSON document.",
    fallback: DEFAULT_GRAPH,
  }),
  backups: field(pathOrNone(), {
    env: "KGSYNC_BACKUPS",
    group: "place",
    example: "data/backups",
    prose: "A folder of files that are only ever added. Empty text: there is none.",
    fallback: "amadeus/backups",
  }),
  include: field(optional(includeList()), {
    env: "KGSYNC_INCLUDE",
    group: "place",
    example: "memory.jsonl:merge-jsonl,attachments:immutable-set",
    prose:
      "What else is kept in step, as `path:mode` with commas between; see [documents](documents.md). In the bucket each has " +
      "the same name. One that names the graph itself says what the graph is.",
    unset: "nothing",
  }),
  backupsPull: field(backupsPull(), {
    env: "KGSYNC_BACKUPS_PULL",
    group: "place",
    example: "latest:10",
    prose:
      "Which backups come down at start: all before the app starts, all while it runs, the newest by name, or none.",
    fallback: "all",
  }),
  cwd: field(optional(path()), {
    env: "KGSYNC_CWD",
    group: "place",
    example: "/app",
    prose: "The app's working directory; relative paths here are taken from it.",
    unset: "the container's",
  }),
  stateDir: field(optional(path()), {
    env: "KGSYNC_STATE_DIR",
    group: "place",
    example: "/app/amadeus/.kgsync",
    prose: "Where kgsync remembers what is in step. It belongs on the graph's disk: it lives and dies with the data.",
    unset: "`.kgsync` beside the graph",
  }),
  interval: field(duration("100ms", "off"), {
    env: "KGSYNC_INTERVAL",
    group: "pace",
    example: "5m",
    prose: "How often the files are looked at, whether or not a change was noticed.",
    fallback: "60s",
  }),
  watch: field(onOff(), {
    env: "KGSYNC_WATCH",
    group: "pace",
    example: "off",
    prose: "Notice changes at once. The timer finds what this misses (network disks tell nothing).",
    fallback: "on",
  }),
  debounce: field(duration("1ms", "no waiting"), {
    env: "KGSYNC_DEBOUNCE",
    group: "pace",
    example: "2s",
    prose: "How long after a change to wait for more of them.",
    fallback: "500ms",
  }),
};
