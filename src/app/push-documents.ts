import { documentWords } from "../core/document-words.ts";
import type { Pushed, Pushing } from "./push-all.ts";

/** What stands in the way, the worst last: of any document it is told in the place of the graph. */
const TROUBLE: readonly Pushed["graph"][] = ["waiting", "held", "failed"];

/**
 * Pushes the graph and the documents beside it, all at once, and tells what came of all: the data is safe only if that of each
 * is. A failure of one does not stop the others. `push` is called once for each, and must not reject.
 */
export const pushDocuments = async (pushing: Pushing, push: (one: Pushing) => Promise<Pushed>): Promise<Pushed> => {
  const { others = [] } = pushing;
  if (others.length === 0) return push(pushing);
  const [first, ...rest] = await Promise.all([
    push(pushing),
    ...others.map(async (one) => named(await push(one), one.io.document.name ?? "")),
  ]);
  const all = [first, ...rest];
  const whys = all.flatMap(({ why }) => (why === undefined ? [] : [why]));
  const uploads = all.flatMap(({ uploadMs }) => (uploadMs === undefined ? [] : [uploadMs]));
  return {
    data: all.every(({ data }) => data === "safe") ? "safe" : "unsafe",
    graph: TROUBLE.findLast((kind) => all.some(({ graph }) => graph === kind)) ?? first.graph,
    backups: all.reduce((sum, { backups }) => sum + backups, 0),
    retry: all.some(({ retry }) => retry === "later")
      ? "later"
      : all.some(({ retry }) => retry === "soon")
        ? "soon"
        : "none",
    why: whys.length === 0 ? undefined : whys.join("; "),
    error: all.find(({ error }) => error !== undefined)?.error,
    uploadMs: uploads.length === 0 ? undefined : Math.max(...uploads),
  };
};

const named = (pushed: Pushed, name: string): Pushed =>
  pushed.why === undefined ? pushed : { ...pushed, why: `${name}: ${documentWords(pushed.why)}` };
