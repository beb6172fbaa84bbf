import type { History, HistoryEntry } from "../app/list-history.ts";
import { visible } from "../core/diff/value-text.ts";
import { instantText } from "../core/instant-text.ts";
import { sizeText } from "./size-text.ts";
import type { Paint } from "./use-colour.ts";

/** The bucket's history for people: a table, newest first. Ends with a newline. */
export const renderLog = (bucket: string, { entries, total }: History, paint: Paint): string => {
  if (entries.length === 0) return `${bucket} is empty\n`;
  const rows = [["TIME", "KIND", "NAME", "SIZE", "WRITER"], ...entries.map(cells)];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row, index) => {
    const padded = row.map((cell, column) =>
      column === SIZE ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
    );
    const line = padded.join("  ").trimEnd();
    if (index === 0) return paint.dim(line);
    const { kind, resolved } = entries[index - 1] ?? { kind: "version", resolved: false };
    if (kind === "graph") return paint.bold(line);
    return kind === "conflict" && !resolved ? paint.changed(line) : line;
  });
  const left = total - entries.length;
  if (left > 0) lines.push(paint.dim(`and ${left} more: --limit N, or --all`));
  return `${lines.join("\n")}\n`;
};

const SIZE = 3;

const cells = ({ kind, name, size, time, writer, files, resolved }: HistoryEntry): readonly string[] => {
  const note = kind === "conflict" && resolved ? " (resolved)" : files > 1 ? ` (${files} files)` : "";
  return [timeText(time), kind, visible(name) + note, sizeText(size), visible(writer ?? "-")];
};

/** To the second: the store's clock is not ours, and a table has to fit. */
const timeText = (time: number): string => instantText(time).replace(/\.\d+Z$/, "Z");

/** The same as one JSON object for programs. Ends with a newline. */
export const renderLogJson = (bucket: string, { entries, total }: History): string => {
  const shown = entries.map(({ kind, name, size, time, writer, files, resolved }) => ({
    kind,
    name,
    time: instantText(time),
    size,
    writer: writer ?? null,
    ...(kind === "backup" ? { files } : {}),
    ...(kind === "conflict" ? { resolved } : {}),
  }));
  return `${JSON.stringify({ bucket, total, entries: shown }, undefined, 2)}\n`;
};
