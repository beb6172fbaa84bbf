import type { JsonNode } from "../json/node.ts";

/** A value on one line, as it is spelt in its document but without white space; at most about `width` characters. */
export const valueText = (text: string, node: JsonNode, width: number): string => {
  const out: string[] = [];
  write(text, node, { left: width }, out);
  const whole = visible(out.join(""));
  return whole.length > width ? `${whole.slice(0, width - 1).replace(LONE, "")}…` : whole;
};

/** A half of a pair at the cut would be shown as a broken character. */
const LONE = /[\ud800-\udbff]$/;

/** What a terminal could take for a command, or what turns the direction of a line, as JSON escapes it. */
export const visible = (text: string): string =>
  text.replace(HIDDEN, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are just what is taken out here
const HIDDEN = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

type Room = { left: number };

/** Ends early: what does not fit is not shown. */
const write = (text: string, node: JsonNode, room: Room, out: string[]): void => {
  if (room.left < 0) return;
  const put = (part: string): void => {
    out.push(part);
    room.left -= part.length;
  };
  switch (node.kind) {
    case "object":
      put("{");
      for (const [index, [name, value]] of [...node.entries].entries()) {
        put(`${index === 0 ? "" : ", "}${JSON.stringify(name)}: `);
        write(text, value, room, out);
        if (room.left < 0) return;
      }
      put("}");
      return;
    case "array":
      put("[");
      for (const [index, value] of node.items.entries()) {
        put(index === 0 ? "" : ", ");
        write(text, value, room, out);
        if (room.left < 0) return;
      }
      put("]");
      return;
    default:
      put(text.slice(node.start, Math.min(node.end, node.start + room.left + 2)));
  }
};
