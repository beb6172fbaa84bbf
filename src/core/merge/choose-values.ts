import { equalJson } from "../json/equal.ts";
import type { JsonNode } from "../json/node.ts";
import type { Piece, Side, Source } from "./merge-types.ts";
import type { ReadConflict } from "./read-conflict-record.ts";
import { renderDocument } from "./render-document.ts";

export type Chosen =
  | { readonly ok: true; readonly text: string }
  /** `pointer`: the place that is not as the record says. */
  | { readonly ok: false; readonly pointer: string };

type Choice = {
  readonly pointer: string;
  readonly tokens: readonly string[];
  readonly now: JsonNode | undefined;
  readonly wanted: JsonNode | undefined;
  /** Both are parts of the list at this place. */
  readonly part: boolean;
};

/**
 * The document of a merge with the other decision: at each place of the conflicts the value of `side`, taken out of the record.
 * Where `side` was chosen already nothing changes. Each place must hold what was chosen then: nothing is guessed.
 */
export const chooseValues = (
  document: Source,
  record: string,
  conflicts: readonly ReadConflict[],
  side: Side,
  format: "json" | "jsonl" = "json",
): Chosen => {
  const choices = conflicts.filter(({ chosen }) => chosen !== side).map((conflict) => choiceOf(conflict, side));
  if (choices.length === 0) return { ok: true, text: document.text };
  const odd: string[] = [];
  const piece = pieceOf(document.root, choices, 0, odd);
  const [pointer] = odd;
  if (pointer !== undefined || piece === undefined) return { ok: false, pointer: pointer ?? "" };
  const sources = { winner: document, loser: { text: record, root: document.root } };
  return { ok: true, text: renderDocument(sources, piece, format) };
};

const choiceOf = ({ pointer, kind, chosen, ours, theirs }: ReadConflict, side: Side): Choice => {
  const values = { ours, theirs };
  return {
    pointer,
    tokens: pointer
      .split("/")
      .slice(1)
      .map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~")),
    now: values[chosen],
    wanted: values[side],
    // A part of a list is never absent: what was removed is an empty one.
    part: kind === "sequence" || (kind === "delete/edit" && ours !== undefined && theirs !== undefined),
  };
};

/** `undefined`: nothing is there any more. */
const pieceOf = (node: JsonNode, choices: readonly Choice[], depth: number, odd: string[]): Piece | undefined => {
  const [first, ...more] = choices;
  if (first === undefined) return { kind: "copy", from: "winner", node };
  if (first.tokens.length === depth && more.length === 0) return decided(node, first, odd);
  const below = (token: string): readonly Choice[] => choices.filter(({ tokens }) => tokens[depth] === token);
  const tokens = new Set(choices.map(({ tokens: way }) => way[depth]));
  if (node.kind === "object") {
    const members = new Map<string, Piece>();
    for (const [name, value] of node.entries) {
      tokens.delete(name);
      const piece = pieceOf(value, below(name), depth + 1, odd);
      if (piece !== undefined) members.set(name, piece);
    }
    if (tokens.size > 0) odd.push(first.pointer);
    return { kind: "object", like: { winner: node, loser: undefined }, members };
  }
  if (node.kind !== "array") {
    odd.push(first.pointer);
    return undefined;
  }
  const items = node.items.flatMap((value, index) => {
    tokens.delete(String(index));
    const piece = pieceOf(value, below(String(index)), depth + 1, odd);
    return piece === undefined ? [] : [piece];
  });
  if (tokens.size > 0) odd.push(first.pointer);
  return { kind: "array", like: { winner: node, loser: undefined }, items };
};

const decided = (node: JsonNode, choice: Choice, odd: string[]): Piece | undefined => {
  const { now, wanted, pointer, part } = choice;
  if (part) return otherPart(node, choice, odd);
  if (now === undefined || !equalJson(node, now)) {
    odd.push(pointer);
    return undefined;
  }
  return wanted && { kind: "copy", from: "loser", node: wanted };
};

/** The part that was chosen must be in the list just once. */
const otherPart = (node: JsonNode, { now, wanted, pointer }: Choice, odd: string[]): Piece | undefined => {
  const starts =
    node.kind === "array" && now?.kind === "array" && now.items.length > 0 ? findRuns(node.items, now.items) : [];
  const [start, another] = starts;
  if (node.kind !== "array" || now?.kind !== "array" || wanted?.kind !== "array" || start === undefined || another) {
    odd.push(pointer);
    return undefined;
  }
  const copy = (from: "winner" | "loser", items: readonly JsonNode[]): readonly Piece[] =>
    items.map((item) => ({ kind: "copy", from, node: item }));
  const items = [
    ...copy("winner", node.items.slice(0, start)),
    ...copy("loser", wanted.items),
    ...copy("winner", node.items.slice(start + now.items.length)),
  ];
  return { kind: "array", like: { winner: node, loser: undefined }, items };
};

const findRuns = (items: readonly JsonNode[], run: readonly JsonNode[]): readonly number[] =>
  items.flatMap((_, start) =>
    run.every((one, index) => {
      const item = items[start + index];
      return item !== undefined && equalJson(item, one);
    })
      ? [start]
      : [],
  );
