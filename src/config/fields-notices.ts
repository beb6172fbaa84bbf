import { field } from "./field.ts";
import { duration, optional, parsedText } from "./kinds.ts";
import { commandLine } from "./lists.ts";

/** An address to send to. Those of heartbeat and webhook services hold a token: they are secrets. */
const httpUrl = () =>
  parsedText("an http:// or https:// URL", /^https?:\/\/[^\s\p{Cc}]+$/u, (text) =>
    URL.canParse(text) ? { value: text } : { problem: "is not a URL" },
  );

/** Who is told what. */
export const noticeFields = {
  hookAfterPull: field(optional(commandLine()), {
    env: "KGSYNC_HOOK_AFTER_PULL",
    group: "notices",
    example: "/usr/local/bin/pulled",
    prose: "A program that is run when the files are up to date at a start. The app does not wait for it.",
    unset: "none",
  }),
  hookBeforePush: field(optional(commandLine()), {
    env: "KGSYNC_HOOK_BEFORE_PUSH",
    group: "notices",
    example: "/usr/local/bin/pushing",
    prose:
      "A program that is run before the graph is put, which waits for it. Its failure is reported and the push goes on: " +
      "what may refuse a graph is `KGSYNC_VALIDATE_CMD`.",
    unset: "none",
  }),
  hookOnConflict: field(optional(commandLine()), {
    env: "KGSYNC_HOOK_ON_CONFLICT",
    group: "notices",
    example: '["sh","-c","cat >>/tmp/conflicts"]',
    prose: "A program that is run when two writers changed the same, or a version could not be merged.",
    unset: "none",
  }),
  hookOnUnsynced: field(optional(commandLine()), {
    env: "KGSYNC_HOOK_ON_UNSYNCED",
    group: "notices",
    example: "/usr/local/bin/unsynced",
    prose: "A program that is run when local work could not be brought to the bucket; once for each reason.",
    unset: "none",
  }),
  hookTimeout: field(duration("100ms"), {
    env: "KGSYNC_HOOK_TIMEOUT",
    group: "notices",
    example: "30s",
    prose:
      "How long a hook may take before it is killed. At a stop the one before a push has at most a third of what is left.",
    fallback: "10s",
  }),
  heartbeatUrl: field(optional(httpUrl()), {
    env: "KGSYNC_HEARTBEAT_URL",
    group: "notices",
    secret: true,
    example: "https://hc.example/ping/0a1b2c3d",
    prose:
      "Asked (GET) each time that all local work was found to be in the bucket, at most every 10 seconds: whoever listens " +
      "raises the alarm when it stays away.",
    unset: "none",
  }),
  webhookUrl: field(optional(httpUrl()), {
    env: "KGSYNC_WEBHOOK_URL",
    group: "notices",
    secret: true,
    example: "https://hooks.example/services/T0/B0/x",
    prose: "Is sent (POST, JSON) every conflict, every reason why local work is not in the bucket, and every error.",
    unset: "none",
  }),
};
