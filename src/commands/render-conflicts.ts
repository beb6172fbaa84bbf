import type { ListedConflict } from "../app/list-conflicts.ts";
import type { FoundConflict } from "../app/read-conflict.ts";
import { valueText, visible } from "../core/diff/value-text.ts";
import { instantText } from "../core/instant-text.ts";
import type { JsonNode } from "../core/json/node.ts";
import type { RecordedVersion } from "../core/merge/conflict-record.ts";
import type { ReadConflict, ReadRecord } from "../core/merge/read-conflict-record.ts";
import { shortDigest } from "../core/metadata.ts";
import type { Paint } from "./use-colour.ts";

const WIDTH = 100;
const KEPT = "To make it the graph, or to leave the graph as it is:";

/** The conflicts for people, newest first. Ends with a newline. */
export const renderConflicts = (conflicts: readonly ListedConflict[], all: boolean, paint: Paint): string => {
  if (conflicts.length === 0) return all ? "there are no conflicts\n" : "there are no open conflicts\n";
  const row = (time: string, state: string, name: string): string => `${time.padEnd(20)}  ${state.padEnd(10)}  ${name}`;
  const lines = conflicts.map((conflict) => {
    const { modified, name, resolved } = conflict;
    const line = row(instantText(modified).replace(/\.\d+Z$/, "Z"), stateOf(conflict), visible(name));
    return resolved ? paint.dim(line) : line;
  });
  return `${[paint.dim(row("TIME", "STATE", "NAME")), ...lines].join("\n")}\n`;
};

const stateOf = ({ kind, resolved }: ListedConflict): string =>
  resolved ? "resolved" : kind === "quarantine" ? "quarantine" : "open";

/** The same as one JSON object for programs. Ends with a newline. */
export const renderConflictsJson = (bucket: string, conflicts: readonly ListedConflict[]): string => {
  const shown = conflicts.map(({ name, kind, writer, size, modified, resolved }) => ({
    name,
    kind,
    time: instantText(modified),
    size,
    writer,
    resolved,
  }));
  return `${JSON.stringify({ bucket, conflicts: shown }, undefined, 2)}\n`;
};

/** One conflict with all that is recorded of it, and what can be done. Ends with a newline. */
export const renderConflict = ({ listed, record }: Omit<FoundConflict, "object">, paint: Paint): string => {
  const { name } = listed;
  const lines = [`${paint.bold(visible(name))}  ${stateOf(listed)}`, `writer  ${visible(listed.writer)}`];
  if (record !== undefined) lines.push(`time    ${visible(record.time)}`, ...versionLines(record));
  if (record?.kind === "merge") {
    lines.push(`policy  ${visible(record.policy)}`, "");
    lines.push(...record.conflicts.flatMap((conflict) => conflictLines(conflict, record.text, paint)));
    lines.push(...record.warnings.map((warning) => `warning: ${visible(warning)}`), "");
    if (listed.resolved) lines.push("It is settled. To have the values that gave way all the same:");
    else
      lines.push("The values that were chosen are in the graph. To have the others instead, or to leave it as it is:");
  } else {
    const document = record === undefined ? name : `${name}.ours`;
    if (record !== undefined) lines.push(`why     ${visible(record.why)}`);
    lines.push(
      "",
      "A whole version is kept here, which did not become the graph. What it has otherwise than the graph:",
    );
    lines.push(`  kgsync diff bucket ${document}`, "");
    lines.push(listed.resolved ? "It is settled. To make it the graph all the same:" : KEPT);
  }
  const other =
    record?.kind === "merge" && record.conflicts.every(({ chosen }) => chosen === "ours") ? "theirs" : "ours";
  lines.push(`  kgsync conflicts resolve ${name} --${other}`);
  if (!listed.resolved) lines.push(`  kgsync conflicts resolve ${name} --keep`);
  return `${lines.join("\n")}\n`;
};

const versionLines = (record: ReadRecord): readonly string[] =>
  (["base", "ours", "theirs", "result"] as const).flatMap((side) => {
    const version = record[side];
    return version === undefined ? [] : [`${side.padEnd(6)}  ${versionText(version)}`];
  });

const versionText = ({ sha256, key }: RecordedVersion): string =>
  `${visible(shortDigest(sha256))}${key === undefined ? "" : `  ${visible(key)}`}`;

const conflictLines = (conflict: ReadConflict, text: string, paint: Paint): readonly string[] => {
  const { pointer, kind, chosen } = conflict;
  const line = (side: "base" | "ours" | "theirs"): string => {
    const node: JsonNode | undefined = conflict[side];
    const value = node === undefined ? "(nothing)" : valueText(text, node, WIDTH);
    const shown = `    ${side.padEnd(6)}  ${value}`;
    return side === chosen ? paint.added(shown) : side === "base" ? paint.dim(shown) : paint.removed(shown);
  };
  const place = pointer === "" ? "the document" : visible(pointer);
  return [`${paint.bold(place)}  ${visible(kind)}: ${chosen}`, line("base"), line("ours"), line("theirs")];
};

/** The record stands in it as it is, its numbers unrounded. Ends with a newline. */
export const renderConflictJson = ({ listed, object, record }: FoundConflict): string => {
  const { name, kind, writer, size, modified, resolved } = listed;
  const head = JSON.stringify({ name, kind, writer, size, time: instantText(modified), resolved });
  const body = record === undefined ? "null" : new TextDecoder().decode(object.body).trim();
  return `${head.slice(0, -1)},"record":${body}}\n`;
};
