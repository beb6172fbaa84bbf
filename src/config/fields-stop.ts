import { field } from "./field.ts";
import { duration } from "./kinds.ts";

/** Every limit in time. All have a default, and none can be infinite. */
export const stopFields = {
  grace: field(duration("1s"), {
    env: "KGSYNC_GRACE",
    group: "stop",
    example: "45s",
    prose:
      "The time between the stop signal and the kill, as the platform gives it (`docker stop -t`, `stop_grace_period`, " +
      "`terminationGracePeriodSeconds`). The app's stop and the last push are fitted into it; too large a value here " +
      "costs the last push.",
    fallback: "10s",
    kubernetesFallback: "30s",
  }),
  startTimeout: field(duration("100ms"), {
    env: "KGSYNC_START_TIMEOUT",
    group: "stop",
    example: "10m",
    prose: "How long the pull at start may take, all tries together.",
    fallback: "5m",
  }),
  requestTimeout: field(duration("50ms"), {
    env: "KGSYNC_REQUEST_TIMEOUT",
    group: "stop",
    example: "30s",
    prose: "How long a request may stand still, without a byte in either direction.",
    fallback: "15s",
  }),
  connectTimeout: field(duration("50ms"), {
    env: "KGSYNC_CONNECT_TIMEOUT",
    group: "stop",
    example: "10s",
    prose: "How long a connection may take to come about.",
    fallback: "3s",
  }),
  finalTimeout: field(duration("100ms"), {
    env: "KGSYNC_FINAL_TIMEOUT",
    group: "stop",
    example: "1m",
    prose: "How long the last push may take when the app ended by itself. A stop signal cuts it to the grace.",
    fallback: "5m",
  }),
  quiesce: field(duration("1ms", "none"), {
    env: "KGSYNC_QUIESCE",
    group: "stop",
    example: "5s",
    prose:
      "How long processes that the app left behind may take to end, before they are killed and the files read last. Under `kgsync watch`: what an app that is stopped at the same time has for its last save.",
    fallback: "2s",
  }),
};
