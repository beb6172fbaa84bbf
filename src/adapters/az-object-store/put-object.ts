import { backoffMs } from "../../core/backoff.ts";
import { KgsyncError } from "../../core/errors.ts";
import type { Key } from "../../core/key.ts";
import type { Body, PutMode, PutOptions, PutOutcome } from "../../ports/object-store.ts";
import { inMemory, type PositionedBody } from "../transfer/read-body.ts";
import type { AzContainer } from "./az-container.ts";
import { putBlocks } from "./put-blocks.ts";
import { putSingle } from "./put-single.ts";

const MIB = 1024 * 1024;
const IN_BLOCKS_ABOVE = 16 * MIB;
/** Of bytes that are in memory anyway, more goes at once: one request that is lost costs less than a second one. */
const IN_MEMORY_AT_MOST = 256 * MIB;
/** Shorter than for an outage: the other request is done in milliseconds. */
const PAUSES = { baseMs: 100, capMs: 5_000 };

/** The body as it goes in blocks, or `undefined` when it goes in one request. */
const bodyForBlocks = (body: Body): PositionedBody | undefined => {
  if (!(body instanceof Uint8Array)) return body.size > IN_BLOCKS_ABOVE ? body : undefined;
  return body.byteLength > IN_MEMORY_AT_MOST ? inMemory(body) : undefined;
};

/** Puts once, or again, with full-jitter pauses, when another put has removed the staged blocks, until `signal` aborts. */
export const putObject = async (
  container: AzContainer,
  key: Key,
  body: Body,
  mode: PutMode,
  options: PutOptions,
  signal: AbortSignal,
): Promise<PutOutcome> => {
  const positioned = bodyForBlocks(body);
  for (let round = 0; ; round += 1) {
    const attempt =
      positioned === undefined
        ? await putSingle(container, key, body, mode, options, signal)
        : await putBlocks(container, key, positioned, mode, options, signal);
    if (attempt.outcome !== "raced") return attempt;
    await container.clock.sleep(backoffMs(round, container.random.fraction(), PAUSES), signal);
    if (signal.aborted) {
      const message = `put "${key}" met other writers until time ran out`;
      throw new KgsyncError("bucket-unavailable", message, { cause: attempt.cause });
    }
  }
};
