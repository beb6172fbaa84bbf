import { documentWords } from "../core/document-words.ts";
import type { Pushed, Pushing } from "./push-all.ts";

/** The worse a document fares, the further behind: what is told of all is that of the worst. */
const ORDER: readonly Pushed["graph"][] = ["clean", "stored", "merged", "waiting", "held", "failed"];

/**
 * Pushes the graph and the documents beside it, all at once, and tells what came of all: the data is safe only if that of each
 * is. A failure of one does not stop the others. `push` is called once for each, and must not reject.
 */
export const pushDocuments = async (pushing: Pushing, push: (one: Pushing) => Promise<Pushed>): Promise<Pushed> => {
  const { others = [] } = pushing;
  if (others.length === 0) return push(pushing);
  const all = await Promise.all([
    push(pushing),
    ...others.map(async (one) => named(await push(one), one.io.document.name ?? "")),
  ]);
  const whys = all.flatMap(({ why }) => (why === undefined ? [] : [why]));
  const uploads = all.flatMap(({ uploadMs }) => (uploadMs === undefined ? [] : [uploadMs]));
  return {
    data: all.every(({ data }) => data === "safe") ? "safe" : "unsafe",
    graph: ORDER.findLast((kind) => all.some(({ graph }) => graph === kind)) ?? "clean",
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
