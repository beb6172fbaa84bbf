import type { Digest } from "../../core/version.ts";
import type { ObjectMeta, PutOptions } from "../../ports/object-store.ts";
import type { Chain } from "./chain.ts";
import { mirrorMetadata, parseMirrorMark, versionMetadata } from "./chain-mark.ts";
import { chainName } from "./chain-name.ts";
import type { Plain } from "./plain-object.ts";

/** A version that was stored. `seen`: the plain object that was there before it. */
export type Stored = {
  readonly number: number;
  readonly chain: string;
  readonly digest: Digest;
  readonly body: Uint8Array;
  readonly options: PutOptions;
  readonly seen: Plain | undefined;
  /** As its mark says. */
  readonly over: string | undefined;
};

/** An older mirror, and what was seen and superseded, may go. What somebody else has put there since may not. */
const mayReplace = (now: ObjectMeta, { chain, number, seen }: Stored): boolean => {
  const mark = parseMirrorMark(now.metadata);
  return now.etag === seen?.etag || (mark !== undefined && mark.chain === chain && mark.number < number);
};

/** What was superseded lies there no more: if it does again, somebody has put it there again. The same bytes, so a late one harms nobody. */
const forgetUpload = async (
  { inner, key }: Chain,
  { number, chain, body, options }: Stored,
  signal: AbortSignal,
): Promise<void> => {
  const metadata = { ...options.metadata, ...versionMetadata({ kind: "content", chain, over: undefined }) };
  await inner.put(chainName(key, number), body, { mode: "overwrite" }, { ...options, metadata }, signal);
};

/**
 * Keeps the newest version under the key itself too. Never rejects: the version is stored without it. A slower writer may put
 * an older mirror over a newer one: its number says so, and the next look puts it right. There is no condition on this put, so
 * what somebody else puts there in the very moment between the look and the put is overwritten.
 */
export const writeMirror = async (chain: Chain, stored: Stored, signal: AbortSignal): Promise<void> => {
  const { inner, key, memory } = chain;
  const { body, digest, options } = stored;
  try {
    const now = await inner.head(key, signal);
    if (now !== undefined && !mayReplace(now, stored)) return;
    const metadata = { ...options.metadata, ...mirrorMetadata(stored) };
    const put = await inner.put(key, body, { mode: "overwrite" }, { ...options, metadata }, signal);
    if (put.outcome !== "stored") return;
    memory.plain = { etag: put.etag, size: body.length, digest };
    if (stored.over !== undefined) await forgetUpload(chain, stored, signal);
  } catch {
    // Best effort: whoever reads goes by the numbers.
  }
};
