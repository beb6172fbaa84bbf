import { KgsyncError } from "../../core/errors.ts";
import { type Digest, parseDigest } from "../../core/version.ts";
import type { Metadata } from "../../ports/object-store.ts";

/** The metadata name that a numbered version carries, and the one that the plain object carries while it is our mirror. */
const VERSION_NAME = "kgsync-chain";
export const MIRROR_NAME = "kgsync-mirror";
const FORMAT = "1";

/**
 * What a numbered version says of itself. `deleted`: it stands for the key's absence. `emptied`: it was superseded, and its
 * bytes were let go. `over`: short digest of a plain object that somebody else had put there and that this version supersedes,
 * as long as it may still lie there: without it that object would be taken for a newer one after a crash before the mirror.
 */
export type VersionMark = {
  readonly kind: "content" | "deleted" | "emptied";
  /** Of the chain: chosen by its first version, passed on by each. Tells our mirror from a copy of another bucket's. */
  readonly chain: string;
  readonly over: string | undefined;
};

/** Which version the plain object is a copy of. It counts only while the object has the digest. */
export type MirrorMark = { readonly chain: string; readonly number: number; readonly digest: Digest };

export const shortOf = (digest: Digest): string => digest.slice(0, 16);

export const versionMetadata = ({ kind, chain, over }: VersionMark): Metadata => ({
  [VERSION_NAME]: [FORMAT, kind, chain, over ?? "-"].join(" "),
});

export const mirrorMetadata = ({ chain, number, digest }: MirrorMark): Metadata => ({
  [MIRROR_NAME]: [FORMAT, chain, number, digest].join(" "),
});

const VERSION = /^1 (content|deleted|emptied) ([\w-]+) (-|[0-9a-f]{16})$/;
const MIRROR = /^1 ([\w-]+) ([0-9]{1,15}) ([0-9a-f]{64})$/;
const KINDS = { content: "content", deleted: "deleted", emptied: "emptied" } as const;

/** Throws `config-invalid` for an object that is no version of this format: nothing is guessed. */
export const parseVersionMark = (metadata: Metadata, name: string): VersionMark => {
  const [, word, chain = "", over] = VERSION.exec(metadata[VERSION_NAME] ?? "") ?? [];
  const kind = Object.values(KINDS).find((each) => each === word);
  if (kind !== undefined) return { kind, chain, over: over === "-" ? undefined : over };
  throw new KgsyncError("config-invalid", `${name} was not written by this version of kgsync`, {
    hint: "Use the version that wrote it. If somebody put it there by hand, remove it.",
  });
};

export const parseMirrorMark = (metadata: Metadata): MirrorMark | undefined => {
  const [, chain = "", number, text] = MIRROR.exec(metadata[MIRROR_NAME] ?? "") ?? [];
  const digest = parseDigest(text);
  return digest === undefined ? undefined : { chain, number: Number(number), digest };
};

/** What whoever put the object said of it. */
export const withoutMarks = (metadata: Metadata): Metadata =>
  Object.fromEntries(Object.entries(metadata).filter(([name]) => name !== VERSION_NAME && name !== MIRROR_NAME));
