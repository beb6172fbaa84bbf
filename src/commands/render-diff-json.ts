import { totalCounts } from "../core/diff/outline.ts";
import type { JsonNode } from "../core/json/node.ts";
import type { Comparison } from "./compare-documents.ts";

/**
 * A comparison as one JSON object for programs. Values stand in it as they are spelt in the documents: a number that JavaScript
 * cannot hold is not rounded. Ends with a newline.
 */
export const renderDiffJson = ({ from, to, sections, clocks }: Comparison): string => {
  const changes = sections.flatMap(({ entries }) => entries.flatMap((entry) => entry.changes));
  const lines = changes.map((change) => {
    const members = [
      `"kind": ${JSON.stringify(change.kind)}`,
      `"pointer": ${JSON.stringify(change.pointer)}`,
      ...value("from", change.from, from.side.text),
      ...value("to", change.to, to.side.text),
    ];
    return `    {${members.join(", ")}}`;
  });
  const document = ({ document: { name, place, sha256 } }: Comparison["from"]) => ({ name, place, sha256 });
  const head = {
    from: document(from),
    to: document(to),
    equal: sections.length === 0,
    clocks,
    counts: totalCounts(sections),
    sections: sections.map(({ name, counts, entries }) => ({
      name,
      ...counts,
      entries: entries.flatMap(({ name: entry, kind }) => (entry === "" ? [] : [{ name: entry, kind }])),
    })),
  };
  const text = JSON.stringify(head, undefined, 2).slice(0, -"\n}".length);
  return `${text},\n  "changes": ${lines.length === 0 ? "[]" : `[\n${lines.join(",\n")}\n  ]`}\n}\n`;
};

const value = (name: string, node: JsonNode | undefined, text: string): readonly string[] =>
  node === undefined ? [] : [`"${name}": ${text.slice(node.start, node.end)}`];
