import { KgsyncError } from "../../core/errors.ts";
import { type ETag, etag } from "../../core/version.ts";
import { type Chain, type Content, listChain, readVersion, type Version } from "./chain.ts";
import { shortOf } from "./chain-mark.ts";
import { lookAtPlain, type Plain } from "./plain-object.ts";

/** What a key holds now, and what its next version has to know. */
export type ChainLook = {
  /** Of the newest version: the next is one more. 0: there was never one. */
  readonly number: number;
  /** Both `undefined` where the key is absent. */
  readonly etag: ETag | undefined;
  readonly content: Content | undefined;
  readonly chain: string | undefined;
  /** See `VersionMark`. */
  readonly over: string | undefined;
  readonly plain: Plain | undefined;
  /** The plain object is not the newest version's mirror, though nobody else has put one there. */
  readonly behind: boolean;
};

/** Each try again means that somebody else got on. */
const TRIES = 50;
/** Times that a mirror newer than the listing makes us list again: after that the listing lags. */
const LAGS = 2;

/** The number never comes again (no ABA). What somebody else put in our place is a version of its own, over that number. */
const etagOf = (number: number, over?: string): ETag =>
  etag(over === undefined ? `chain-${number}` : `chain-${number}-${over}`);

/** Content is the plain object's: our mirror of the newest version, or what somebody else put there, over that version. */
const fromPlain = (plain: Plain, number: number, chain: string | undefined): ChainLook => {
  const isMirror = plain.mark !== undefined && plain.mark.chain === chain;
  const over = isMirror ? undefined : shortOf(plain.digest);
  return { number, etag: etagOf(number, over), content: plain.content, chain, over, plain, behind: false };
};

/** Without a version. A mirror that is there all the same: somebody removed the versions, and their numbers go on. */
const withoutVersions = (plain: Plain | undefined): ChainLook => {
  if (plain !== undefined) return fromPlain(plain, plain.mark?.number ?? 0, plain.mark?.chain);
  const nothing = { etag: undefined, content: undefined, chain: undefined, over: undefined, plain: undefined };
  return { ...nothing, number: 0, behind: false };
};

/** The plain object is not its mirror: there is none, or an older one, or it is somebody else's, superseded or newer. */
const fromVersion = (version: Version, number: number, plain: Plain | undefined, mirrored: boolean): ChainLook => {
  const { chain, kind, over: superseded } = version.mark;
  const isOurs = plain === undefined || plain.mark?.chain === chain;
  if (!isOurs && shortOf(plain.digest) !== superseded) return fromPlain(plain, number, chain);
  const common = { number, chain, over: isOurs ? undefined : superseded, plain };
  return kind === "deleted"
    ? { ...common, etag: undefined, content: undefined, behind: false }
    : { ...common, etag: etagOf(number), content: version.content, behind: mirrored };
};

const lookOnce = async (
  chain: Chain,
  withBody: boolean,
  signal: AbortSignal,
  tries: number,
): Promise<ChainLook | "again"> => {
  const { memory, mirrored } = chain;
  const [rows, plain] = await Promise.all([
    listChain(chain, signal),
    mirrored ? lookAtPlain(chain, withBody, signal) : undefined,
  ]);
  const newest = rows[0]?.number ?? 0;
  if (newest === 0) return withoutVersions(plain);
  const mirrorOf = (id: string | undefined): number => (plain?.mark?.chain === id ? (plain?.mark?.number ?? 0) : 0);
  if (plain !== undefined && mirrorOf(memory.id) >= newest) {
    return mirrorOf(memory.id) > newest && tries < LAGS ? "again" : fromPlain(plain, mirrorOf(memory.id), memory.id);
  }
  const version = await readVersion(chain, newest, withBody, signal);
  // Superseded since the listing, more than once.
  if (version === undefined || version.mark.kind === "emptied") return "again";
  memory.id = version.mark.chain;
  return plain !== undefined && mirrorOf(memory.id) >= newest
    ? fromPlain(plain, mirrorOf(memory.id), memory.id)
    : fromVersion(version, newest, plain, mirrored);
};

/** What an update of a bare key has to know, if the etag names its newest version: one listing. */
export const lookAtNumber = async (
  chain: Chain,
  expected: ETag,
  signal: AbortSignal,
): Promise<ChainLook | undefined> => {
  const number = (await listChain(chain, signal))[0]?.number ?? 0;
  if (number === 0 || etagOf(number) !== expected) return undefined;
  return { ...withoutVersions(undefined), number, etag: expected, chain: chain.memory.id };
};

/**
 * The newest version of a key: that of the highest number, unless somebody else has put an object in the place of its mirror.
 * One listing; for a mirrored key one request for the plain object beside it, which is the content as long as it is in step;
 * else one for the version. Rejects as the store does.
 */
export const lookAtChain = async (chain: Chain, withBody: boolean, signal: AbortSignal): Promise<ChainLook> => {
  for (let tries = 0; tries < TRIES; tries++) {
    const found = await lookOnce(chain, withBody, signal, tries);
    if (found !== "again") return found;
  }
  throw new KgsyncError("bucket-unavailable", `${chain.key} in ${chain.inner.name} changes each time it is read`);
};
