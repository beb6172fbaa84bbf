import { readFileSync, writeFileSync } from "node:fs";
import { expect } from "vitest";

const DOCUMENT = new URL("../../docs/signals.md", import.meta.url);

/** Set it to have the document's tables written from what is observed, instead of compared with it. */
const WRITE = process.env["WRITE_SIGNALS_TABLE"] === "1";

/** The names of the table's columns, as in its head. */
export type Column = "Container" | "Not PID 1" | "`docker run -it`" | "Job of a shell";

const cellsOf = (line: string): readonly string[] =>
  line
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim());

type Table = { readonly at: number; readonly head: readonly string[]; readonly rows: readonly (readonly string[])[] };

/** The table whose first column's head is `first`. */
const tableIn = (lines: readonly string[], first: string): Table => {
  const at = lines.findIndex((line) => line.startsWith(`| ${first} |`));
  if (at < 0) throw new Error(`docs/signals.md has no table of ${first}`);
  const rest = lines.slice(at + 2);
  const end = rest.findIndex((line) => !line.startsWith("|"));
  return { at, head: cellsOf(lines[at] ?? ""), rows: rest.slice(0, end).map(cellsOf) };
};

const read = (): readonly string[] => readFileSync(DOCUMENT, "utf8").split("\n");

/** The first cells of the rows: `15 TERM`, `Ctrl-C`. */
export const rowsOf = (first: string): readonly string[] => tableIn(read(), first).rows.map(([name = ""]) => name);

/**
 * Compares a column of the table with what was observed, row by row; a row that was not observed and a row that the table does
 * not have are both failures.
 */
export const expectColumn = (first: string, column: Column, observed: ReadonlyMap<string, string>): void => {
  const lines = [...read()];
  const { at, head, rows } = tableIn(lines, first);
  const place = head.indexOf(column);
  if (WRITE) {
    for (const [index, row] of rows.entries()) {
      const next = row.map((cell, cellAt) => (cellAt === place ? (observed.get(row[0] ?? "") ?? "?") : cell));
      lines[at + 2 + index] = `| ${next.join(" | ")} |`;
    }
    writeFileSync(DOCUMENT, lines.join("\n"));
    return;
  }
  expect(Object.fromEntries(observed)).toEqual(Object.fromEntries(rows.map((row) => [row[0], row[place]])));
};
