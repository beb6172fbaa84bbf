import type { Config } from "./schema.ts";

/** Whether anybody is to be told anything: most runs need not load what does it. */
export const wantsNotices = (config: Config): boolean =>
  [
    config.hookAfterPull,
    config.hookBeforePush,
    config.hookOnConflict,
    config.hookOnUnsynced,
    config.heartbeatUrl,
    config.webhookUrl,
  ].some((setting) => setting !== undefined);
