import { backoffMs } from "../core/backoff.ts";
import { KgsyncError, toKgsyncError } from "../core/errors.ts";
import { released } from "../core/lease/next-lease.ts";
import { planTerm } from "../core/lease/term.ts";
import type { HeldLease, LeaseEvents } from "./keep-lease.ts";
import { type LeaseIo, readLease, writeLease } from "./lease-object.ts";
import type { TakenLease } from "./take-lease.ts";

/** The longest pause between two tries to renew: the last one must fall near the end of the outage, not behind the fence. */
const CAP_MS = 5000;

const TOO_LATE = "it could not be renewed in time";

/**
 * Renews the lease, on a lane and a clock of its own: a long push must not cost it. A renewal that fails is tried again and
 * touches nothing, until the time comes when somebody else may believe us dead; then it is lost, whatever the bucket says.
 */
export const renewLease = (io: LeaseIo, taken: TakenLease, events: LeaseEvents): HeldLease => {
  const { clock, log, random } = io;
  const { renewMs, fenceMs } = planTerm(taken.lease.ttlMs);
  const heldSince = taken.sentAt;
  const stop = new AbortController();
  /** When each write was sent that may still be what the bucket shows. */
  const sent = new Map([[taken.lease.nonce, taken.sentAt]]);
  let held = taken;
  let failures = 0;
  let over = false;
  let toldAt = Number.NEGATIVE_INFINITY;
  let wish: { readonly nonce: string; readonly seenAt: number } | undefined;
  let cancelFence = (): void => undefined;

  const end = (): void => {
    over = true;
    cancelFence();
    stop.abort();
  };
  const lose = (why: string): void => {
    if (over) return;
    end();
    events.fenced(why);
  };
  const adopt = (next: TakenLease): void => {
    held = next;
    for (const [nonce, at] of sent) if (at < next.sentAt) sent.delete(nonce);
    cancelFence();
    const left = Math.max(0, next.sentAt + fenceMs - clock.now().mono);
    cancelFence = clock.after(left, () => lose(TOO_LATE));
  };

  /** Somebody wrote between: a wish, a late answer of ours, or a new holder. */
  const lookAgain = async (signal: AbortSignal): Promise<void> => {
    const look = await readLease(io, signal);
    if (over) return;
    if (look?.parsed.kind !== "lease") {
      held = { ...held, etag: look?.etag };
      throw new KgsyncError("bucket-unavailable", `somebody removed or overwrote the lease in ${io.store.name}`);
    }
    const { lease } = look.parsed;
    if (lease.holder !== io.writer || lease.epoch !== held.lease.epoch)
      return lose(`${lease.holder} has it now, with epoch ${lease.epoch}`);
    if (lease.state !== "held") return lose("somebody released it in our place");
    adopt({ lease, etag: look.etag, sentAt: Math.max(held.sentAt, sent.get(lease.nonce) ?? 0) });
  };

  const renew = async (signal: AbortSignal): Promise<void> => {
    const lease = { ...held.lease, nonce: random.id() };
    const sentAt = clock.now().mono;
    sent.set(lease.nonce, sentAt);
    const written = await writeLease(io, lease, held.etag, signal);
    if (written.kind === "lost") throw written.error;
    if (written.kind === "conflict") return lookAgain(signal);
    if (!over) adopt({ lease, etag: written.etag, sentAt });
  };

  const step = async (): Promise<void> => {
    const { signal, cancel } = clock.timeout(renewMs, stop.signal);
    try {
      await renew(signal);
      if (failures > 0) log.info("lease.renewed-again", "the lease is renewed again");
      failures = 0;
    } catch (thrown) {
      if (over) return;
      failures++;
      if (failures === 1)
        log.warn("lease.not-renewed", "the lease could not be renewed; trying again", { err: toKgsyncError(thrown) });
    } finally {
      cancel();
    }
    tellWish();
  };

  /**
   * Not at once after we took it, and again in each time to live, because a hand-over may fail: it is not made while the last
   * save is not in the bucket. A wish that nobody makes anew is one of somebody who has gone.
   */
  const tellWish = (): void => {
    const { wanted, ttlMs } = held.lease;
    const now = clock.now().mono;
    if (over || wanted === undefined) return;
    if (wish?.nonce !== wanted.nonce) wish = { nonce: wanted.nonce, seenAt: now };
    if (now - wish.seenAt >= ttlMs || now - Math.max(heldSince, toldAt) < ttlMs) return;
    toldAt = now;
    events.wanted(wanted.by);
  };

  const pause = (): number =>
    failures === 0
      ? Math.max(0, held.sentAt + renewMs - clock.now().mono)
      : Math.min(CAP_MS, renewMs / 5, 50 + backoffMs(failures - 1, random.fraction()));

  const lane = (async (): Promise<void> => {
    adopt(taken);
    for (;;) {
      await clock.sleep(pause(), stop.signal);
      if (over) return;
      await step();
    }
  })();

  /** Whether nothing is left to do. A wish that came since the last renewal makes the put conflict: it is taken along. */
  const tryRelease = async (signal: AbortSignal): Promise<boolean> => {
    const written = await writeLease(io, released(held.lease, random.id()), held.etag, signal);
    if (written.kind === "stored") {
      log.info("lease.released", "the lease is free", { epoch: held.lease.epoch });
      return true;
    }
    const look = await readLease(io, signal);
    if (look?.parsed.kind !== "lease") return true;
    const { lease } = look.parsed;
    if (lease.holder !== io.writer || lease.epoch !== held.lease.epoch || lease.state === "released") return true;
    held = { ...held, lease, etag: look.etag };
    return false;
  };

  /** A look that fails too is tried again while there is time: else whoever waits would wait for the whole time to live. */
  const release = async (signal: AbortSignal): Promise<void> => {
    if (over) return;
    end();
    await lane;
    for (let n = 0; !signal.aborted; n++) {
      if (n > 0) await clock.sleep(backoffMs(n - 1, random.fraction()), signal);
      try {
        if (await tryRelease(signal)) return;
      } catch (thrown) {
        const error = toKgsyncError(thrown);
        if (!error.retryable) throw error;
      }
    }
    throw new KgsyncError(
      "bucket-unavailable",
      `${io.store.name} did not take the release of the lease before the time was up`,
    );
  };

  return {
    fence: {
      // A process that was frozen may come to its next put before its timers: the clock is asked, not only they.
      epoch: () => {
        if (clock.now().mono >= held.sentAt + fenceMs) lose(TOO_LATE);
        return held.lease.epoch;
      },
      superseded: (epoch) => lose(`the bucket's graph was written under epoch ${epoch}`),
    },
    release,
    abandon: end,
  };
};
