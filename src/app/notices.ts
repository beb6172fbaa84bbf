import { instantText } from "../core/instant-text.ts";
import type { LifecycleEvent } from "../core/lifecycle-types.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log, LogFields } from "../ports/log.ts";
import type { RunHook, SendNotice } from "../ports/notify.ts";
import type { Budget } from "./budget.ts";
import { createLatestFirst } from "./latest-first.ts";

type Command = readonly [string, ...string[]];

/** A part of the configuration; what is `undefined` is not done. Times in milliseconds. */
export type NoticeRules = {
  readonly hookAfterPull: Command | undefined;
  readonly hookBeforePush: Command | undefined;
  readonly hookOnConflict: Command | undefined;
  readonly hookOnUnsynced: Command | undefined;
  readonly hookTimeout: number;
  readonly heartbeatUrl: string | undefined;
  readonly webhookUrl: string | undefined;
};

/** What hooks and webhooks are told, as JSON. */
export type NoticeEvent = "pulled" | "pushing" | "conflict" | "unsynced" | "failure";

export type Notices = {
  /** The same log, watched: its stable events are what hooks and webhooks are about. */
  readonly log: Log;
  readonly step: (event: LifecycleEvent) => void;
  /** Waits for KGSYNC_HOOK_BEFORE_PUSH, at most as long as the budget gives one try. Never rejects. */
  readonly beforePush: (budget: Budget, facts: LogFields) => Promise<void>;
  /** Waits at most `ms` for the hooks and webhooks that are on their way, and ends the rest. */
  readonly close: (ms: number) => Promise<void>;
};

type NoticeOptions = {
  readonly rules: NoticeRules;
  readonly clock: Clock;
  readonly log: Log;
  readonly runHook: RunHook;
  readonly send: SendNotice;
  /** In every notice: writer, bucket, graph. */
  readonly about: LogFields;
  /** Plain, short and without secrets. */
  readonly plain: (fields: LogFields) => unknown;
};

/** A request may take as long as this. */
const SEND_MS = 10_000;
/** A busy app is alive each time; whoever listens need not hear it so often. */
const HEARTBEAT_EVERY_MS = 10_000;
/** Beyond `error` lines. A merge that was refused is a conflict too. */
const EVENTS: Readonly<Record<string, NoticeEvent>> = {
  "merge.conflicts": "conflict",
  "merge.refused": "conflict",
  "push.not-durable": "unsynced",
};

/**
 * Tells others what happens: hooks, webhook and heartbeat. None is waited for but the hook before a push, and no failure of
 * any changes what is done: it is a line in the log.
 */
export const createNotices = ({ rules, clock, log, runHook, send, about, plain }: NoticeOptions): Notices => {
  const ended = new AbortController();
  let beatAt = Number.NEGATIVE_INFINITY;

  /** Not through the watched log: a failing webhook must not be told to itself. */
  const report = (what: string, event: string, why: string | undefined): void => {
    if (why !== undefined)
      log.warn("notice.failed", "a hook or notice failed; the work goes on without it", { what, event, why });
  };
  const limited = async (ms: number, work: (signal: AbortSignal) => Promise<string | undefined>) => {
    const limit = clock.timeout(ms, ended.signal);
    try {
      return await work(limit.signal);
    } finally {
      limit.cancel();
    }
  };
  const json = (event: NoticeEvent, fields: LogFields): string =>
    JSON.stringify({ event, at: instantText(clock.now().wall), ...about, details: plain(fields) });

  const hook = async (name: string, command: Command, event: NoticeEvent, text: string): Promise<void> =>
    report(name, event, await limited(rules.hookTimeout, (signal) => runHook(command, event, text, signal)));
  const webhook = async (url: string, event: NoticeEvent, text: string): Promise<void> =>
    report("KGSYNC_WEBHOOK_URL", event, await limited(SEND_MS, (signal) => send(url, text, signal)));
  const beat = async (url: string): Promise<void> =>
    report("KGSYNC_HEARTBEAT_URL", "synced", await limited(SEND_MS, (signal) => send(url, undefined, signal)));

  const lanes = createLatestFirst();
  const beats = createLatestFirst(); // apart: nobody waits for one at the end
  const HOOKS: Readonly<Partial<Record<NoticeEvent, readonly [string, Command | undefined]>>> = {
    pulled: ["KGSYNC_HOOK_AFTER_PULL", rules.hookAfterPull],
    conflict: ["KGSYNC_HOOK_ON_CONFLICT", rules.hookOnConflict],
    unsynced: ["KGSYNC_HOOK_ON_UNSYNCED", rules.hookOnUnsynced],
  };
  const tell = (event: NoticeEvent, fields: LogFields): void => {
    const text = json(event, fields);
    const [name = "", command] = HOOKS[event] ?? [];
    if (command !== undefined) lanes.add(name, () => hook(name, command, event, text));
    const { webhookUrl: url } = rules;
    if (url !== undefined && event !== "pulled") lanes.add(`webhook ${event}`, () => webhook(url, event, text));
  };

  const watched =
    (level: "warn" | "error"): Log["warn"] =>
    (event, message, fields = {}) => {
      log[level](event, message, fields);
      const about = EVENTS[event] ?? (level === "error" ? "failure" : undefined);
      if (about !== undefined) tell(about, { log: event, message, ...fields });
    };
  return {
    log: { debug: log.debug, info: log.info, warn: watched("warn"), error: watched("error") },
    step: (event) => {
      if (event.type === "pulled") tell("pulled", {});
      const { heartbeatUrl: url } = rules;
      const now = clock.now().mono;
      const safe = event.type === "push-ended" && event.data === "safe";
      if (!safe || url === undefined || now - beatAt < HEARTBEAT_EVERY_MS) return;
      beatAt = now;
      beats.add("heartbeat", () => beat(url));
    },
    beforePush: async (budget, fields) => {
      const { hookBeforePush: command } = rules;
      if (command === undefined) return;
      const name = "KGSYNC_HOOK_BEFORE_PUSH";
      const run = (until: AbortSignal) =>
        limited(rules.hookTimeout, (signal) =>
          runHook(command, "pushing", json("pushing", fields), AbortSignal.any([signal, until])),
        );
      report(name, "pushing", await budget.attempt(run));
    },
    close: async (ms) => {
      await Promise.race([lanes.idle(), clock.sleep(ms)]);
      ended.abort();
      await Promise.all([lanes.idle(), beats.idle()]);
    },
  };
};
