import { KgsyncError } from "../core/errors.ts";
import type { Budget } from "./budget.ts";
import type { Io } from "./io.ts";
import { probeStore } from "./probe-store.ts";
import type { StateFolder } from "./state-folder.ts";

const CACHED_MS = 24 * 60 * 60 * 1000;

/**
 * Resolves when the store may be written to: it was seen to honour conditions in the last 24 h, or the probe says so now,
 * or the user accepts lost updates. Answers when it was last seen to, for the state: `undefined` while nothing proves it,
 * and then each put looks first. Rejects with `store-unsafe`.
 */
export const ensureSafeStore = async (
  io: Io,
  folder: Pick<StateFolder, "current">,
  budget: Budget,
): Promise<number | undefined> => {
  const { probedAt, store } = folder.current();
  const now = io.clock.now().wall;
  if (store === io.store.name && probedAt !== undefined && now >= probedAt && now - probedAt < CACHED_MS)
    return probedAt;
  if (io.traits?.conditional === true) return now;
  const result = await probeOrRefused(io, budget);
  if (result === "honoured") return now;
  if (result === "inconclusive") {
    io.log.warn(
      "probe.inconclusive",
      "the store gave no clear answer on conditional writes; it is asked again at the next start",
    );
    return undefined;
  }
  const message =
    "refused" in result ? result.refused : `${io.store.name} does not honour conditional writes: ${result.fault}`;
  if (io.rules.unsafeStore === "refuse") throw new KgsyncError("store-unsafe", message);
  io.log.error(
    "probe.unsafe",
    "this store cannot keep two writers apart: saves can be lost (KGSYNC_UNSAFE_STORE=allow)",
    {
      store: io.store.name,
      why: message,
    },
  );
  return undefined;
};

/** A store that answers 501 to the condition itself is told from one that cannot be reached. */
const probeOrRefused = async (io: Io, budget: Budget) => {
  try {
    return await probeStore(io, budget);
  } catch (thrown) {
    if (thrown instanceof KgsyncError && thrown.code === "store-unsafe") return { refused: thrown.message };
    if (thrown instanceof KgsyncError && thrown.retryable) return "inconclusive";
    throw thrown;
  }
};
