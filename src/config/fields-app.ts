import { field } from "./field.ts";
import { choice, pathOrNone } from "./kinds.ts";
import { stopSignals } from "./lists.ts";
import { signalMap } from "./signal-map.ts";

/** The app's process, and the logs. */
export const appFields = {
  childEnv: field(choice("inherit", "clean"), {
    env: "KGSYNC_CHILD_ENV",
    group: "app",
    example: "clean",
    prose:
      "The environment of the app, the hooks and the validator: all of it, or without kgsync's settings and the bucket's " +
      "credentials (`KGSYNC_*` and AWS's credential variables).",
    fallback: "inherit",
  }),
  stopSignals: field(stopSignals(), {
    env: "KGSYNC_STOP_SIGNALS",
    group: "app",
    example: "TERM,QUIT",
    prose: "The signals that mean stop. All others are only passed on. On a terminal, INT and QUIT are the app's own.",
    fallback: "TERM,INT,QUIT",
  }),
  signalMap: field(signalMap(), {
    env: "KGSYNC_SIGNAL_MAP",
    group: "app",
    example: "TERM:QUIT,HUP:0",
    prose:
      "What the app is sent for a signal that kgsync receives, for an app that stops on another one. What starts the " +
      "shutdown is still told by what is received (`KGSYNC_STOP_SIGNALS`).",
    unset: "each signal goes on as it is, and TSTP, TTIN and TTOU as STOP",
  }),
  terminationLog: field(pathOrNone(), {
    env: "KGSYNC_TERMINATION_LOG",
    group: "app",
    example: "/run/kgsync/last-line",
    prose:
      "The last line of the log is also written here if the file exists; Kubernetes shows it. Empty text: nowhere.",
    fallback: "/dev/termination-log",
  }),
  logLevel: field(choice("debug", "info", "warn", "error", "silent"), {
    env: "KGSYNC_LOG_LEVEL",
    group: "log",
    example: "debug",
    prose: "How much is logged, to standard error.",
    fallback: "info",
  }),
  logFormat: field(choice("auto", "json", "pretty"), {
    env: "KGSYNC_LOG_FORMAT",
    group: "log",
    example: "json",
    prose: "`auto` is `pretty` on a terminal and `json` elsewhere.",
    fallback: "auto",
  }),
};
