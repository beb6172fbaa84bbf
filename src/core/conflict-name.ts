/**
 * What lies in the bucket under `.kgsync/conflicts/`, by its name. `record`: of a merge, or of one version that gave way.
 * `quarantine`: a version that must not become the graph. `ours`, `theirs`: the whole documents beside a record. `resolved`: says
 * that a person has settled the conflict `name`, as it was when its ETag had the digest `mark`.
 */
export type ConflictName =
  | { readonly kind: "record" | "quarantine" | "ours" | "theirs"; readonly name: string; readonly writer: string }
  | { readonly kind: "resolved"; readonly name: string; readonly mark: string };

const NAME = /^([0-9a-f]{16}|quarantine)-(.+?)(?:\.(ours|theirs)|\.resolved-([0-9a-f]{16}))?\.json$/;

/** `undefined` for what this program did not make. */
export const parseConflictName = (file: string): ConflictName | undefined => {
  const [, first, writer, side, mark] = NAME.exec(file) ?? [];
  if (first === undefined || writer === undefined) return undefined;
  const name = `${first}-${writer}`;
  if (mark !== undefined) return { kind: "resolved", name, mark };
  if (first === "quarantine") return side === undefined ? { kind: "quarantine", name, writer } : undefined;
  return { kind: side === "ours" || side === "theirs" ? side : "record", name, writer };
};
