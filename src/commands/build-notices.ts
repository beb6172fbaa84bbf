import { plainValue } from "../adapters/log-value.ts";
import { createRedact } from "../adapters/redact.ts";
import { createRunHook } from "../adapters/run-hook.ts";
import { createSendNotice } from "../adapters/send-notice.ts";
import { createNotices, type Notices } from "../app/notices.ts";
import { childEnv } from "../config/child-env.ts";
import type { Config } from "../config/schema.ts";
import type { Log, LogFields } from "../ports/log.ts";
import { type Program, secretsOf } from "./program.ts";
import { currentUrl } from "./rotating-secrets.ts";

/** The real hooks and requests behind the notices. */
export const buildNotices = (program: Program, config: Config, log: Log, about: LogFields): Notices => {
  const redact = createRedact(secretsOf(program, config), program.rotated);
  const send = createSendNotice(program.env);
  const urlNow = currentUrl(program, config);
  return createNotices({
    rules: config,
    clock: program.clock,
    log,
    runHook: createRunHook(childEnv(program.env, config), (event, words) =>
      log.info("hook.said", "a hook wrote something", { hook: event, words }),
    ),
    send: (url, json, signal) => send(urlNow(url), json, signal),
    about,
    plain: (fields) => plainValue(fields, { redact, longest: 2048, most: 64, stacks: false }),
  });
};
