import type { IncludedDocument } from "../core/document.ts";
import { keyProblem, parseKey } from "../core/key.ts";
import type { Kind } from "./field.ts";
import { type Parsed, parsedText } from "./kinds.ts";

const MODES = ["merge-json", "merge-jsonl", "immutable-set", "replace"] as const;

/** What others have in the bucket already, or the books of this program. */
const RESERVED = ["knowledge_graph.json", "backups", ".kgsync", ".kgsync-store"];

/** Paths with a mode each, separated by commas. The path's own name is its name in the bucket, an absolute one's without the slash. */
export const includeList = (): Kind<readonly IncludedDocument[]> =>
  parsedText(
    `path:mode separated by commas, mode one of ${MODES.join(", ")}, for example memory.jsonl:merge-jsonl`,
    /^(?! )[^\p{Cc}]+(?<! )$/u,
    (text) => {
      const entries = text.split(",").map(parseEntry);
      const problems = entries.flatMap((entry) => ("problem" in entry ? [entry.problem] : []));
      const documents = entries.flatMap((entry) => ("value" in entry ? [entry.value] : []));
      problems.push(...clashes(documents));
      return problems.length === 0 ? { value: documents } : { problem: problems.join("; ") };
    },
  );

const parseEntry = (entry: string): Parsed<IncludedDocument> => {
  const colon = entry.lastIndexOf(":");
  const mode = MODES.find((known) => known === entry.slice(colon + 1));
  const given = entry.slice(0, Math.max(colon, 0));
  if (mode === undefined || given === "") return { problem: `has an entry that is not path:mode (${entry})` };
  const path = mode === "immutable-set" ? given.replace(/\/+$/, "") : given;
  const name = path.replace(/^\/+/, "").replace(/^(?:\.\/+)+/, "");
  const key = parseKey(name);
  if (key === undefined) return { problem: `has an entry whose path ${keyProblem(name) ?? "is no name"} (${given})` };
  if (RESERVED.some((taken) => isBelow(name, taken)))
    return { problem: `has an entry whose name in the bucket is taken (${given})` };
  return { value: { name: key, path, mode } };
};

const isBelow = (inner: string, outer: string): boolean => inner === outer || inner.startsWith(`${outer}/`);

/** In the bucket nothing may be two things, or lie in another; a file beside which `set/` is a set would be taken for one of it. */
const clashes = (documents: readonly IncludedDocument[]): readonly string[] =>
  documents.flatMap(({ name: inner }, index) =>
    documents.flatMap(({ name: outer }, other) => {
      if (index === other) return [];
      if (inner === outer) return index < other ? [`names ${inner} twice`] : [];
      return isBelow(inner, outer) ? [`has ${inner}, which lies in ${outer}`] : [];
    }),
  );
