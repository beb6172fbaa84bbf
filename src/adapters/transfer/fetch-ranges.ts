import type { Readable } from "node:stream";
import { backoffMs } from "../../core/backoff.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Target } from "../../ports/object-store.ts";
import type { Random } from "../../ports/random.ts";

const MIB = 1024 * 1024;
const RANGE = 16 * MIB;
const RANGES_AT_ONCE = 4;
/** Bytes that are written at a time: what a socket gives is a sixteenth of it. */
const PIECE = MIB;
/** Of one range, in a row, none of which brought anything. */
const ATTEMPTS = 4;

/**
 * What came of asking for a range.
 * `bytes`: it comes, as far as the stream goes. `again`: not this time, and the same may be asked for again. `changed`: the key
 * does not hold that version any more.
 */
export type RangeAnswer =
  | { readonly kind: "bytes"; readonly stream: Readable }
  | { readonly kind: "again"; readonly cause: unknown }
  | { readonly kind: "changed" };

type Ranges = {
  readonly size: number;
  readonly target: Target;
  readonly clock: Clock;
  readonly random: Random;
  /** Asks for the bytes from `offset` up to `end`, which is not among them. Rejects when nothing would help. */
  readonly ask: (offset: number, end: number, signal: AbortSignal) => Promise<RangeAnswer>;
};

const CHANGED = Symbol("another version");

/** What comes of a stream until it ends or breaks: in both cases what came before counts. */
const chunksOf = async function* (stream: Readable): AsyncGenerator<Uint8Array> {
  const chunks = stream[Symbol.asyncIterator]();
  try {
    for (;;) {
      const chunk = await chunks.next().catch(() => undefined);
      if (chunk === undefined || chunk.done === true) return;
      yield chunk.value;
    }
  } finally {
    stream.destroy();
  }
};

/** The answer's bytes to the target from `offset` on; answers where they ended. The room is used again for each piece. */
const pour = async (
  stream: Readable,
  room: Uint8Array,
  offset: number,
  end: number,
  target: Target,
): Promise<number> => {
  let at = offset;
  let filled = 0;
  for await (const chunk of chunksOf(stream)) {
    if (at + filled + chunk.length > end) break; // more than was asked for: not an answer to this
    for (let done = 0; done < chunk.length; ) {
      const part = chunk.subarray(done, done + room.length - filled);
      room.set(part, filled);
      filled += part.length;
      done += part.length;
      if (filled < room.length) continue;
      await target(at, room);
      at += filled;
      filled = 0;
    }
  }
  if (filled > 0) await target(at, room.subarray(0, filled));
  return at + filled;
};

/** One range, whole: what broke in the middle goes on from there. */
const bringRange = async (
  { ask, target, clock, random }: Ranges,
  room: Uint8Array,
  start: number,
  end: number,
  signal: AbortSignal,
): Promise<void> => {
  for (let [at, failed] = [start, 0]; at < end; ) {
    const before = at;
    const answer = await ask(at, end, signal);
    if (answer.kind === "changed") throw CHANGED;
    if (answer.kind === "bytes") at = await pour(answer.stream, room, at, end, target);
    if (at >= end) return;
    failed = at > before ? 0 : failed + 1;
    if (failed >= ATTEMPTS) throw answer.kind === "again" ? answer.cause : new Error("the answer was cut short");
    await clock.sleep(backoffMs(failed, random.fraction()), signal);
    signal.throwIfAborted();
  }
};

/**
 * One version of an object by ranges, some at once. A range that breaks goes on from where it broke; one that comes to nothing
 * several times in a row, or fails otherwise, ends the others. Memory: a piece for each range at once. Rejects with what `ask` or
 * `target` rejected with, with an `again`'s cause, or with the signal's reason; all requests have ended when it does.
 */
export const fetchRanges = async (ranges: Ranges, signal: AbortSignal): Promise<"whole" | "changed"> => {
  const { size } = ranges;
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const failures: unknown[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    const room = Buffer.allocUnsafeSlow(PIECE);
    while (next < size && failures.length === 0) {
      const start = next;
      next = Math.min(size, start + RANGE);
      await bringRange(ranges, room, start, next, either);
    }
  };
  const lanes = Array.from({ length: RANGES_AT_ONCE }, () =>
    lane().catch((thrown: unknown) => {
      failures.push(thrown);
      failed.abort();
    }),
  );
  await Promise.all(lanes);
  if (failures.length === 0) return "whole";
  if (failures[0] === CHANGED) return "changed";
  throw failures[0];
};
