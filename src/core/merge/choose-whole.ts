import type { MergeBase, MergeOutcome, MergePolicy, Side } from "./merge-types.ts";

/**
 * What stands for a merge where bytes are all that is known: one side whole, and the other is a conflict, so that it is kept. As
 * for any merge, the side that alone has changed is taken without one. `newest`: ours, since it comes to the bucket later; but
 * never with no base, because nobody knows then how old ours is (a file from the image, a disk that came back).
 */
export const chooseWhole = (
  base: MergeBase,
  ours: Uint8Array,
  theirs: Uint8Array,
  policy: MergePolicy,
): MergeOutcome => {
  if (equal(ours, theirs) || (base instanceof Uint8Array && equal(ours, base))) return whole("theirs", ours, theirs);
  if (base instanceof Uint8Array && equal(theirs, base)) return whole("ours", ours, theirs);
  const chosen = policy === "ours" || (policy === "newest" && base !== undefined) ? "ours" : "theirs";
  const conflict = {
    pointer: "",
    kind: "edit/edit" as const,
    base: base instanceof Uint8Array ? size(base) : undefined,
    ours: size(ours),
    theirs: size(theirs),
    chosen,
  } as const;
  return { ...whole(chosen, ours, theirs), conflicts: [conflict] };
};

const whole = (side: Side, ours: Uint8Array, theirs: Uint8Array): Extract<MergeOutcome, { kind: "merged" }> => ({
  kind: "merged",
  bytes: side === "ours" ? ours : theirs,
  conflicts: [],
  warnings: [],
  equalTo: side,
});

/** As a JSON value: the record has a value for each side, and the bytes lie beside it. */
const size = ({ length }: Uint8Array): string => JSON.stringify(`${length} bytes`);

const equal = (a: Uint8Array, b: Uint8Array): boolean => {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
};
