import { createKeepLease, type HeldLease } from "../../src/app/keep-lease.ts";
import { LEASE_KEY } from "../../src/app/lease-object.ts";
import { KgsyncError } from "../../src/core/errors.ts";
import { type Lease, parseLease } from "../../src/core/lease/lease.ts";
import type { Clock } from "../../src/ports/clock.ts";
import type { ObjectStore } from "../../src/ports/object-store.ts";
import { type AppProcess, type AppWorld, createAppWorld } from "./app-world.ts";

export const TTL = 30_000;

const noAnswer = () => new KgsyncError("bucket-unavailable", "scripted: no answer");

/** A bucket that answers nothing while `down` says so. */
export const unreachable =
  (down: () => boolean) =>
  (store: ObjectStore): ObjectStore => {
    const unlessDown = async <T>(ask: () => Promise<T>): Promise<T> => {
      if (down()) throw noAnswer();
      return ask();
    };
    return {
      ...store,
      get: (key, signal) => unlessDown(() => store.get(key, signal)),
      head: (key, signal) => unlessDown(() => store.head(key, signal)),
      put: async (key, body, mode, options, signal) =>
        down() ? { outcome: "unknown", cause: noAnswer() } : store.put(key, body, mode, options, signal),
    };
  };

/** One process' dealings with the lease: `lines` says what it was told, and when, in whole seconds of the world's clock. */
export const leaseSeeker = (world: AppWorld, process: AppProcess, clock: Clock = process.io.clock, ttlMs = TTL) => {
  const io = { ...process.io, clock };
  const keep = createKeepLease(io, { ttlMs });
  const lines: string[] = [];
  const say = (what: string): void => void lines.push(`${Math.round(world.clock.now().mono / 1000)} ${what}`);
  const abort = new AbortController();
  let lease: HeldLease | undefined;
  let lost = false;
  return {
    process,
    io,
    lines,
    abort,
    held: (): HeldLease => {
      if (lease === undefined) throw new Error("it has no lease");
      return lease;
    },
    /** Whether it takes the lease for its own. */
    believes: (): boolean => lease !== undefined && !lost,
    /** Gives it up, and seeks it no more. */
    release: async (): Promise<void> => {
      const given = lease;
      lease = undefined;
      await given?.release(new AbortController().signal);
    },
    /** Begins to seek; what comes of it is in `lines`. */
    seek: (options: { readonly wait?: boolean; readonly ask?: boolean } = {}): void => {
      const events = {
        fenced: (why: string) => {
          lost = true;
          say(`fenced: ${why}`);
        },
        wanted: (by: string) => say(`wanted by ${by === process.io.writer ? "itself" : "another"}`),
      };
      keep.acquire({ wait: true, ask: false, ...options }, events, abort.signal).then(
        (attempt) => {
          if (attempt?.kind !== "held") return say(attempt === undefined ? "aborted" : `busy, epoch ${attempt.epoch}`);
          lease = attempt.lease;
          lost = false;
          say(`holds epoch ${lease.fence.epoch()}`);
        },
        (thrown) => say(thrown.code ?? String(thrown)),
      );
    },
  };
};

export type Seeker = ReturnType<typeof leaseSeeker>;

/** `count` machines with one bucket. */
export const createLeaseLab = (count = 2) => {
  const first = createAppWorld();
  const worlds = [first, ...Array.from({ length: count - 1 }, () => createAppWorld(first))];
  const world = (n: number): AppWorld => {
    const found = worlds[n];
    if (found === undefined) throw new RangeError(`no machine ${n}`);
    return found;
  };
  return {
    clock: first.clock,
    world,
    seeker: (n: number, options: Parameters<AppWorld["boot"]>[0] = {}): Seeker =>
      leaseSeeker(world(n), world(n).boot(options)),
    /** The object as it lies in the bucket. */
    lease: (): Lease | undefined => {
      const text = first.objects()[LEASE_KEY];
      const parsed = parseLease(text ?? "");
      return parsed.kind === "lease" ? parsed.lease : undefined;
    },
    seconds: (count: number): Promise<void> => first.clock.advance(count * 1000),
  };
};
