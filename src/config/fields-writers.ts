import { field } from "./field.ts";
import { choice, duration, onOff } from "./kinds.ts";
import { mergeKeys } from "./merge-keys.ts";
import { onRemoteChange } from "./remote-change.ts";

/** What holds when more than one copy of the app writes the graph. */
export const writerFields = {
  onConflict: field(choice("newest", "ours", "theirs"), {
    env: "KGSYNC_ON_CONFLICT",
    group: "writers",
    example: "theirs",
    prose:
      "Two writers changed the same value: which one stays. `newest` goes by the graph's own `last_updated`, and is the " +
      "same whoever merges. The other value is kept in `.kgsync/conflicts/` of the bucket, and the log names it.",
    fallback: "newest",
  }),
  mergeKeys: field(mergeKeys(), {
    env: "KGSYNC_MERGE_KEYS",
    group: "writers",
    example: "/items=sku;/orders/*/lines=order+line;/log=",
    prose:
      "Lists whose elements are told apart by keys of their own, where the usual ones (`id`, `key`, `name` …) do not fit: " +
      "a JSON pointer and the keys to try. No key: its elements are never told apart by one.",
    unset: "the usual keys",
  }),
  onRemoteChange: field(onRemoteChange(), {
    env: "KGSYNC_ON_REMOTE_CHANGE",
    group: "writers",
    example: "signal:HUP",
    prose:
      "Somebody else changed the bucket's graph while the app runs. `ignore`: the app sees it when it starts next. " +
      "`restart`: the app is stopped, the files are brought up to date, and it is started again. `signal:NAME`: the file " +
      "is brought up to date and the app is sent the signal: only for an app that then reads its file again.",
    fallback: "ignore",
  }),
  lease: field(onOff(), {
    env: "KGSYNC_LEASE",
    group: "writers",
    example: "on",
    prose:
      "Let only one copy of the app run at a time, by a lease in the bucket. Without it several run, and what they write " +
      "is merged. Nothing is lost either way.",
    fallback: "off",
  }),
  leaseTtl: field(duration("3s"), {
    env: "KGSYNC_LEASE_TTL",
    group: "writers",
    example: "1m",
    prose:
      "How long a holder of the lease that has gone silent keeps it. It is renewed three times in that time; a holder " +
      "that cannot renew it stops its app before the time is over.",
    fallback: "30s",
  }),
  onLeaseBusy: field(choice("wait", "fail", "readonly", "merge"), {
    env: "KGSYNC_ON_LEASE_BUSY",
    group: "writers",
    example: "fail",
    prose:
      "Another copy holds the lease. `wait`: stand by, and start the app when it is free. `fail`: end with 75. " +
      "`readonly`: start the app, and push nothing. `merge`: start the app, and merge, as without a lease.",
    fallback: "wait",
  }),
  readyWhen: field(choice("serving", "standby"), {
    env: "KGSYNC_READY_WHEN",
    group: "writers",
    example: "standby",
    prose:
      "When a copy counts as ready: once its app runs, or already while it stands by for the lease. A roll-out that " +
      "starts the new copy first, and stops the old one when the new one is ready, needs `standby`.",
    fallback: "serving",
  }),
};
