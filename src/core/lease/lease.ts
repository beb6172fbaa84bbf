import { MAX_DURATION_MS } from "../duration.ts";

/** Who may run the app and write the graph: one small object in the bucket. */
export type Lease = {
  /** Names one process; another life of the same container is another holder. */
  readonly holder: string;
  /** Grows with every acquisition, also over releases. It goes into the metadata of each graph that the holder puts. */
  readonly epoch: number;
  /** New in every write of the holder: equal bytes would have an equal etag, and a renewal would not be seen. */
  readonly nonce: string;
  /**
   * How long the holder must be silent to count as dead, in milliseconds. All that the setting takes is read again: a lease
   * with a time that its own holder cannot read would be nobody's, also after a release.
   */
  readonly ttlMs: number;
  readonly state: "held" | "released";
  /** Somebody asks for it. The holder's own nonce stays: a wish is no sign of the holder's life. */
  readonly wanted: { readonly by: string; readonly nonce: string } | undefined;
};

export type ParsedLease =
  | { readonly kind: "lease"; readonly lease: Lease }
  /** Not written by this program, or cut off. Somebody may hold it, so it counts as held until it has stood still. */
  | { readonly kind: "damaged"; readonly why: string };

const FORMAT = 1;
const MAX_EPOCH = 10 ** 15;

export const formatLease = (lease: Lease): string => `${JSON.stringify({ format: FORMAT, ...lease }, undefined, 2)}\n`;

/** Never throws. A newer format is read as far as it is understood. */
export const parseLease = (text: string): ParsedLease => {
  const raw = record(parse(text));
  if (raw === undefined) return { kind: "damaged", why: "it is not a JSON object" };
  const { format, holder, epoch, nonce, ttlMs, state } = raw;
  if (typeof format !== "number" || format < 1) return { kind: "damaged", why: "it names no format" };
  if (typeof holder !== "string" || holder === "") return { kind: "damaged", why: "it names no holder" };
  if (!isWhole(epoch, 1, MAX_EPOCH)) return { kind: "damaged", why: "its epoch is no number that fits" };
  if (typeof nonce !== "string") return { kind: "damaged", why: "it has no nonce" };
  if (!isWhole(ttlMs, 1, MAX_DURATION_MS)) return { kind: "damaged", why: "its time to live is no number that fits" };
  if (state !== "held" && state !== "released") return { kind: "damaged", why: "it is neither held nor released" };
  return { kind: "lease", lease: { holder, epoch, nonce, ttlMs, state, wanted: parseWanted(record(raw["wanted"])) } };
};

type Fields = {
  readonly [name: string]: unknown;
  readonly format?: unknown;
  readonly holder?: unknown;
  readonly epoch?: unknown;
  readonly nonce?: unknown;
  readonly ttlMs?: unknown;
  readonly state?: unknown;
};

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const record = (raw: unknown): Fields | undefined =>
  typeof raw === "object" && raw !== null && !Array.isArray(raw) ? { ...raw } : undefined;

const isWhole = (raw: unknown, from: number, to: number): raw is number =>
  typeof raw === "number" && Number.isInteger(raw) && raw >= from && raw <= to;

const parseWanted = (raw: Fields | undefined): Lease["wanted"] => {
  const by = raw?.["by"];
  const nonce = raw?.["nonce"];
  return typeof by === "string" && typeof nonce === "string" ? { by, nonce } : undefined;
};
