import type { JsonNode, JsonObject } from "../json/node.ts";
import type { Path } from "../json/pointer.ts";

/** `newest`: the later clock field, tie: the larger value. The same on every machine, unlike `ours` and `theirs`. */
export type MergePolicy = "newest" | "ours" | "theirs";

export type Side = "ours" | "theirs";

/** The two sides in the order of the policy: what is decided by this order alone is the same whoever merges. */
export type Rank = "winner" | "loser";

/**
 * One double change. `pointer` is an RFC 6901 pointer into the result (for list elements: their place there). The values are
 * raw JSON as it stood in the documents; absent is `undefined`. `sequence`: of a list, the part that both sides changed.
 */
export type Conflict = {
  readonly pointer: string;
  readonly kind: "edit/edit" | "add/add" | "delete/edit" | "type" | "sequence";
  readonly base: string | undefined;
  readonly ours: string | undefined;
  readonly theirs: string | undefined;
  readonly chosen: Side;
};

export type MergeOptions = {
  readonly policy: MergePolicy;
  /** `jsonl`: one record on each line. Default `json`. */
  readonly format?: "json" | "jsonl";
  /** Instead of `IDENTITY_KEYS`. */
  readonly identityKeys?: readonly string[];
  /** The same for single lists, by JSON pointer, where `*` stands for any one step. An empty list: never keyed. */
  readonly identityAt?: Readonly<Record<string, readonly string[]>>;
  /** Instead of `CLOCK_FIELDS`. */
  readonly clockFields?: readonly string[];
  /** Of each document. Default 256 MiB. */
  readonly maxBytes?: number;
};

/** `absent`: there was no document when the sides parted. Not the same as not knowing what there was: `undefined`. */
export type MergeBase = Uint8Array | "absent" | undefined;

/**
 * `equalTo`: the result is that document, byte for byte; `theirs` if it is both. `refused`: nothing was guessed; theirs should
 * stay, and ours go to quarantine whole.
 */
export type MergeOutcome =
  | {
      readonly kind: "merged";
      readonly bytes: Uint8Array;
      readonly conflicts: readonly Conflict[];
      readonly warnings: readonly string[];
      readonly equalTo: Side | undefined;
    }
  | { readonly kind: "refused"; readonly why: string };

/** A document that was read: its text, and its value with ranges into the text. */
export type Source = { readonly text: string; readonly root: JsonNode };

/** One place in the three documents; what is not there is `undefined`. */
export type Triple = {
  readonly base: JsonNode | undefined;
  readonly winner: JsonNode | undefined;
  readonly loser: JsonNode | undefined;
};

export type JsonArray = Extract<JsonNode, { kind: "array" }>;

/** A part of the result: a value copied from one side, or a container made of parts of both. */
export type Piece =
  | { readonly kind: "copy"; readonly from: Rank; readonly node: JsonNode }
  | {
      readonly kind: "object";
      readonly like: Record<Rank, JsonObject | undefined>;
      readonly members: ReadonlyMap<string, Piece>;
    }
  | { readonly kind: "array"; readonly like: Record<Rank, JsonArray | undefined>; readonly items: readonly Piece[] };

/** The result at one place (`undefined`: nothing is there), and which sides it is equal to by meaning. */
export type Merged = { readonly piece: Piece | undefined } & { readonly is: Readonly<Record<Rank, boolean>> };

/** What every rule needs. `merge` is the whole set of rules, for the places below. */
export type Merging = {
  readonly texts: Readonly<Record<"base" | Rank, string>>;
  readonly options: MergeOptions;
  /** No clock tells the documents apart: each conflict is decided by its own values. */
  readonly tie: boolean;
  readonly same: (a: keyof Triple, b: keyof Triple, triple: Triple) => boolean;
  readonly merge: (at: Path, triple: Triple) => Merged;
  /** Notes a double change. */
  readonly note: (conflict: NotedConflict) => void;
  readonly warn: (warning: string) => void;
};

export type NotedConflict = {
  readonly at: Path;
  readonly kind: Conflict["kind"];
  readonly chosen: Rank;
  readonly texts: Readonly<Record<keyof Triple, string | undefined>>;
};
