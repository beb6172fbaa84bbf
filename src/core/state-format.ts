import type { Largest, Latch } from "./guard.ts";
import type { Base, Intent, PutIntent, RemoteSeen, State } from "./state.ts";
import { type Digest, etag, parseDigest } from "./version.ts";

/** Raised when an older program could misread the file. A newer one is read, never written. */
export const STATE_FORMAT = 1;

export type ParsedState =
  | { readonly kind: "ok"; readonly state: State; readonly newer: boolean }
  /** Damaged: as good as absent. The caller says so in the log. */
  | { readonly kind: "damaged"; readonly why: string };

export const formatState = (state: State): string =>
  `${JSON.stringify({ format: STATE_FORMAT, ...state }, undefined, 2)}\n`;

/** Never throws. Every field is checked: the file lies where people can edit it. */
export const parseState = (text: string): ParsedState => {
  const raw = record(parse(text));
  if (raw === undefined) return { kind: "damaged", why: "it is not a JSON object" };
  const format = raw["format"];
  if (typeof format !== "number" || format < 1) return { kind: "damaged", why: "it names no format" };
  const base = parseBase(record(raw["base"]));
  if (base === undefined) return { kind: "damaged", why: "its base cannot be read" };
  const latch = parseLatch(record(raw["latch"]));
  // Without its latch, the base beside it would let a wiped graph pass for ordinary work.
  if (latch === undefined && raw["latch"] !== undefined && raw["latch"] !== null)
    return { kind: "damaged", why: "its latch cannot be read" };
  const state: State = {
    store: typeof raw["store"] === "string" ? raw["store"] : "",
    base,
    // Without a word of either, nothing that is missing in a save counts as removed before it must.
    child: raw["child"] !== false,
    ownSave: digest(raw["ownSave"]),
    otherView: digest(raw["otherView"]),
    remote: parseRemote(record(raw["remote"])),
    intent: parseIntent(record(raw["intent"])),
    lost: parseLost(raw["lost"]),
    dirty: raw["dirty"] === true,
    largest: parseLargest(record(raw["largest"])),
    latch,
    probedAt: number(raw["probedAt"]),
  };
  return { kind: "ok", state, newer: format > STATE_FORMAT };
};

type Fields = Readonly<Record<string, unknown>>;

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const record = (value: unknown): Fields | undefined =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
const string = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
const number = (value: unknown): number | undefined => (typeof value === "number" ? value : undefined);
const digest = (value: unknown): Digest | undefined => parseDigest(string(value));

const parseBase = (raw: Fields | undefined): Base | undefined => {
  const sha256 = digest(raw?.["sha256"]);
  switch (raw?.["kind"]) {
    case "none":
      return { kind: "none" };
    case "absent":
      return { kind: "absent" };
    case "content":
      return sha256 === undefined ? undefined : { kind: "content", sha256 };
    default:
      return undefined;
  }
};

const parseRemote = (raw: Fields | undefined): RemoteSeen | undefined => {
  const sha256 = digest(raw?.["sha256"]);
  const tag = string(raw?.["etag"]);
  const ancestors = raw?.["ancestors"];
  if (sha256 === undefined || tag === undefined) return undefined;
  return {
    sha256,
    etag: etag(tag),
    epoch: number(raw?.["epoch"]),
    writer: string(raw?.["writer"]),
    ancestors: Array.isArray(ancestors) ? ancestors.filter((item) => typeof item === "string") : [],
  };
};

const parseIntent = (raw: Fields | undefined): Intent | undefined => {
  const sha256 = digest(raw?.["sha256"]);
  if (raw?.["kind"] === "disk")
    return sha256 === undefined ? undefined : { kind: "disk", sha256, base: digest(raw["base"]) ?? sha256 };
  const ours = digest(raw?.["ours"]);
  const result = digest(raw?.["result"]);
  const writeId = string(raw?.["writeId"]);
  if (raw?.["kind"] !== "put" || ours === undefined || result === undefined || writeId === undefined) return undefined;
  const parent = string(raw["parent"]);
  return {
    kind: "put",
    ours,
    result,
    writeId,
    parent: parent === undefined ? undefined : etag(parent),
    own: raw["own"] === true,
  };
};

const parseLost = (raw: unknown): readonly PutIntent[] =>
  (Array.isArray(raw) ? raw : []).flatMap((item: unknown) => {
    const intent = parseIntent(record(item));
    return intent?.kind === "put" ? [intent] : [];
  });

const parseLargest = (raw: Fields | undefined): Largest | undefined => {
  const sha256 = digest(raw?.["sha256"]);
  const leaves = number(raw?.["leaves"]);
  const at = number(raw?.["at"]);
  return sha256 === undefined || leaves === undefined || at === undefined ? undefined : { sha256, leaves, at };
};

const parseLatch = (raw: Fields | undefined): Latch | undefined => {
  const from = digest(raw?.["from"]);
  const leaves = number(raw?.["leaves"]);
  const at = number(raw?.["at"]);
  return from === undefined || leaves === undefined || at === undefined ? undefined : { from, leaves, at };
};
