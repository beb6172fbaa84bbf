import { KgsyncError } from "../core/errors.ts";
import type { Budget } from "./budget.ts";
import type { Io } from "./io.ts";
import { CHAIN_PREFIX } from "./keys.ts";
import { CREATE_ONLY_HINT, type ProbeResult, probeStore } from "./probe-store.ts";
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
  const probed = await probeOrRefused(io, budget);
  const result = io.rules.s3Conditions === "create-only" ? await judgeCreateOnly(io, probed, budget) : probed;
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
  if (io.rules.unsafeStore === "refuse") throw new KgsyncError("store-unsafe", message, hintFor(result));
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

type Probed = ProbeResult | { readonly refused: string };

const hintFor = (probed: Exclude<Probed, string>): { readonly hint?: string } =>
  "creates" in probed && probed.creates ? { hint: CREATE_ONLY_HINT } : {};

/**
 * Only creates are used. A store that honours updates too is in `auto` for others, and the two would not see each other's saves:
 * so it is refused, unless the bucket was begun in this mode, by a server that has learnt it since.
 */
const judgeCreateOnly = async (io: Io, probed: Probed, budget: Budget): Promise<Probed> => {
  if (typeof probed === "object") return "creates" in probed && probed.creates ? "honoured" : probed;
  if (probed === "inconclusive" || (await budget.attempt((signal) => hasChain(io, signal)))) return probed;
  throw new KgsyncError("config-invalid", `${io.store.name} honours \`If-Match\`: it needs no KGSYNC_S3_CONDITIONS`, {
    hint: "Remove KGSYNC_S3_CONDITIONS=create-only, which is for servers that honour nothing but `If-None-Match`.",
  });
};

const hasChain = async ({ store }: Io, signal: AbortSignal): Promise<boolean> => {
  for await (const _ of store.list(CHAIN_PREFIX, signal)) return true;
  return false;
};

/** A store that answers 501 to the condition itself is told from one that cannot be reached. */
const probeOrRefused = async (io: Io, budget: Budget): Promise<Probed> => {
  try {
    return await probeStore(io, budget);
  } catch (thrown) {
    if (thrown instanceof KgsyncError && thrown.code === "store-unsafe") return { refused: thrown.message };
    if (thrown instanceof KgsyncError && thrown.retryable) return "inconclusive";
    throw thrown;
  }
};
