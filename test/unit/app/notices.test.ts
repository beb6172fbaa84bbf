import { describe, expect, it, onTestFinished } from "vitest";
import { createBudget } from "../../../src/app/budget.ts";
import { createLatestFirst } from "../../../src/app/latest-first.ts";
import { createNotices, type NoticeRules } from "../../../src/app/notices.ts";
import type { RunHook, SendNotice } from "../../../src/ports/notify.ts";
import { createFakeClock } from "../../support/fake-clock.ts";

const NONE: NoticeRules = {
  hookAfterPull: undefined,
  hookBeforePush: undefined,
  hookOnConflict: undefined,
  hookOnUnsynced: undefined,
  hookTimeout: 10_000,
  heartbeatUrl: undefined,
  webhookUrl: undefined,
};
const ALL: NoticeRules = {
  hookAfterPull: ["after-pull"],
  hookBeforePush: ["before-push"],
  hookOnConflict: ["on-conflict"],
  hookOnUnsynced: ["on-unsynced"],
  hookTimeout: 10_000,
  heartbeatUrl: "https://beat",
  webhookUrl: "https://hook",
};

/** A world in which every hook and request waits until it is answered, or aborts. */
const world = (rules: Partial<NoticeRules> = ALL) => {
  const clock = createFakeClock();
  const calls: { readonly what: string; readonly json: unknown; readonly end: (why?: string) => void }[] = [];
  const lines: (readonly [string, string, unknown])[] = [];
  const call = (what: string, json: string | undefined, signal: AbortSignal): Promise<string | undefined> =>
    new Promise((resolve) => {
      calls.push({ what, json: json === undefined ? undefined : JSON.parse(json), end: resolve });
      signal.addEventListener("abort", () => resolve("aborted"), { once: true });
    });
  const runHook: RunHook = ([program], event, json, signal) => call(`${program} ${event}`, json, signal);
  const send: SendNotice = (url, json, signal) => call(url, json, signal);
  const write =
    (level: string) =>
    (event: string, _message: string, fields?: object): void =>
      void lines.push([level, event, fields]);
  const log = { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
  const about = { bucket: "file:///b", graph: "/g" };
  const notices = createNotices({ rules: { ...NONE, ...rules }, clock, log, runHook, send, about, plain: (f) => f });
  return { clock, calls, lines, notices, names: () => calls.map(({ what }) => what) };
};

const settle = async (): Promise<void> => {
  for (let n = 0; n < 20; n++) await Promise.resolve();
};

describe("notices", () => {
  it.each<[string, (w: ReturnType<typeof world>) => void, readonly string[]]>([
    ["a pull", ({ notices }) => notices.step({ type: "pulled" }), ["after-pull pulled"]],
    ["a safe push", ({ notices }) => notices.step({ type: "push-ended", data: "safe" }), ["https://beat"]],
    ["an unsafe push", ({ notices }) => notices.step({ type: "push-ended", data: "unsafe" }), []],
    ["conflicts", ({ notices }) => notices.log.warn("merge.conflicts", "x"), ["on-conflict conflict", "https://hook"]],
    ["no merge", ({ notices }) => notices.log.error("merge.refused", "x"), ["on-conflict conflict", "https://hook"]],
    ["unsynced", ({ notices }) => notices.log.warn("push.not-durable", "x"), ["on-unsynced unsynced", "https://hook"]],
    ["an error", ({ notices }) => notices.log.error("lease.lost", "x"), ["https://hook"]],
    ["a warning", ({ notices }) => notices.log.warn("push.retry", "x"), []],
    ["a line", ({ notices }) => notices.log.info("push.stored", "x"), []],
  ])("%s is told to whom it concerns, and logged as it was", (_, act, told) => {
    const here = world();
    act(here);
    expect(here.names()).toEqual(told);
    const without = world({});
    act(without);
    expect([without.names(), without.lines]).toEqual([[], here.lines]);
  });

  it("the notice says what, when, where, and the fields of the line", () => {
    const { notices, calls, clock } = world();
    notices.log.error("guard.latched", "words", { sha: "a" });
    expect(calls[0]?.json).toEqual({
      event: "failure",
      at: new Date(clock.now().wall).toISOString(),
      bucket: "file:///b",
      graph: "/g",
      details: { log: "guard.latched", message: "words", sha: "a" },
    });
  });

  it("a failure is one line, and not told to the webhook that failed", async () => {
    const { notices, calls, lines, names } = world();
    notices.log.error("bug", "x");
    calls[0]?.end("answered 500");
    await settle();
    expect(lines.slice(1)).toEqual([
      ["warn", "notice.failed", { what: "KGSYNC_WEBHOOK_URL", event: "failure", why: "answered 500" }],
    ]);
    expect(names()).toEqual(["https://hook"]);
  });

  it("while one is on its way, only the newest of the next is kept; kinds do not hold up each other", async () => {
    const { notices, calls, names } = world({ webhookUrl: "https://hook" });
    for (const n of [1, 2, 3]) notices.log.error("bug", "x", { n });
    notices.log.warn("push.not-durable", "x");
    expect(names()).toHaveLength(2);
    for (const { end } of [...calls]) end();
    await settle();
    expect(calls.map(({ json }) => json)).toMatchObject([
      { details: { n: 1 } },
      { event: "unsynced" },
      { details: { n: 3 } },
    ]);
  });

  it("the heartbeat comes at most every ten seconds", async () => {
    const { notices, calls, clock } = world();
    const beat = async (): Promise<number> => {
      notices.step({ type: "push-ended", data: "safe" });
      calls.at(-1)?.end();
      await settle();
      return calls.length;
    };
    expect([await beat(), await beat()]).toEqual([1, 1]);
    await clock.advance(9_999);
    expect(await beat()).toBe(1);
    await clock.advance(1);
    expect(await beat()).toBe(2);
  });

  it("a hook that takes too long is ended, and so is one before a push when the stop needs the time", async () => {
    const { notices, lines, clock } = world();
    notices.step({ type: "pulled" });
    await clock.advance(10_000);
    expect(lines.at(-1)).toMatchObject(["warn", "notice.failed", { what: "KGSYNC_HOOK_AFTER_PULL", why: "aborted" }]);
    const budget = createBudget(clock, 60_000, 60_000);
    onTestFinished(budget.close);
    let over = false;
    const waiting = notices.beforePush(budget, { sha256: "a" }).then(() => {
      over = true;
    });
    budget.tighten(clock.now().mono + 900);
    await clock.advance(299);
    expect(over).toBe(false);
    await clock.advance(1);
    await waiting;
    expect(lines.at(-1)).toMatchObject(["warn", "notice.failed", { what: "KGSYNC_HOOK_BEFORE_PUSH" }]);
  });

  it("without the setting nobody waits before a push", async () => {
    const { notices, calls, clock } = world({});
    const budget = createBudget(clock, 1000, 1000);
    await notices.beforePush(budget, {});
    budget.close();
    expect(calls).toEqual([]);
  });

  it("at the end it waits for what is on its way, as long as it may, and ends the rest", async () => {
    const quick = world();
    quick.notices.log.error("end", "x");
    const closing = quick.notices.close(1000);
    quick.calls[0]?.end();
    await closing;
    expect(quick.lines).toHaveLength(1);
    const slow = world();
    slow.notices.log.error("end", "x");
    const ended = slow.notices.close(1000);
    await slow.clock.advance(1000);
    await ended;
    expect(slow.lines.at(-1)).toMatchObject(["warn", "notice.failed", { why: "aborted" }]);
  });
});

describe("lanes", () => {
  it("are idle at once when there is nothing", async () => {
    await expect(createLatestFirst().idle()).resolves.toBeUndefined();
  });

  it("idle waits for what was added while it waited", async () => {
    const lanes = createLatestFirst();
    const done: number[] = [];
    lanes.add("a", async () => {
      lanes.add("a", async () => void done.push(2));
      await Promise.resolve();
      done.push(1);
    });
    await lanes.idle();
    expect(done).toEqual([1, 2]);
  });
});
