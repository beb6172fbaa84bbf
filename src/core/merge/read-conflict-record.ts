import type { JsonNode, JsonObject } from "../json/node.ts";
import { parseJson } from "../json/parse.ts";
import type { RecordedVersion } from "./conflict-record.ts";
import type { Side } from "./merge-types.ts";

/** One double change as it was recorded; the values are nodes of the record's text, absent is `undefined`. */
export type ReadConflict = {
  readonly pointer: string;
  readonly kind: string;
  readonly chosen: Side;
  readonly base: JsonNode | undefined;
  readonly ours: JsonNode | undefined;
  readonly theirs: JsonNode | undefined;
};

type Versions = Readonly<Record<"base" | "ours" | "theirs" | "result", RecordedVersion | undefined>>;

/** A record as it was read. `merge`: of single values. `document`: of a version that gave way whole; `why` says for what. */
export type ReadRecord = { readonly time: string; readonly writer: string } & Versions &
  (
    | {
        readonly kind: "merge";
        readonly text: string;
        readonly policy: string;
        readonly conflicts: readonly ReadConflict[];
        readonly warnings: readonly string[];
      }
    | { readonly kind: "document"; readonly why: string }
  );

/**
 * Reads what `renderConflictRecord` has written, or the record of a whole document. A newer format is read as far as it is
 * understood. `undefined`: it is neither.
 */
export const readConflictRecord = (bytes: Uint8Array): ReadRecord | undefined => {
  const text = new TextDecoder().decode(bytes);
  const parsed = parseJson(text);
  if (!parsed.ok || parsed.root.kind !== "object") return undefined;
  const { root } = parsed;
  const common = {
    time: textIn(root, "time"),
    writer: textIn(root, "writer"),
    base: versionIn(root, "base"),
    ours: versionIn(root, "ours"),
    theirs: versionIn(root, "theirs"),
    result: versionIn(root, "result"),
  };
  if (textIn(root, "kind") === "document") return { ...common, kind: "document", why: textIn(root, "why") };
  if (textIn(root, "kind") !== "merge") return undefined;
  const conflicts = itemsIn(root, "conflicts").flatMap(conflictOf);
  const warnings = itemsIn(root, "warnings").flatMap((node) => (node.kind === "string" ? [node.value] : []));
  return { ...common, kind: "merge", text, policy: textIn(root, "policy"), conflicts, warnings };
};

const textIn = ({ entries }: JsonObject, name: string): string => {
  const node = entries.get(name);
  return node?.kind === "string" ? node.value : "";
};

const itemsIn = ({ entries }: JsonObject, name: string): readonly JsonNode[] => {
  const node = entries.get(name);
  return node?.kind === "array" ? node.items : [];
};

const versionIn = ({ entries }: JsonObject, name: string): RecordedVersion | undefined => {
  const node = entries.get(name);
  if (node?.kind !== "object") return undefined;
  const [key, etag] = [textIn(node, "key"), textIn(node, "etag")];
  return { sha256: textIn(node, "sha256"), key: key === "" ? undefined : key, etag: etag === "" ? undefined : etag };
};

const conflictOf = (node: JsonNode): readonly ReadConflict[] => {
  if (node.kind !== "object") return [];
  const chosen = textIn(node, "chosen");
  if (chosen !== "ours" && chosen !== "theirs") return [];
  const { entries } = node;
  return [
    {
      pointer: textIn(node, "pointer"),
      kind: textIn(node, "kind"),
      chosen,
      base: entries.get("base"),
      ours: entries.get("ours"),
      theirs: entries.get("theirs"),
    },
  ];
};
