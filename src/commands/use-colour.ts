import { isatty } from "node:tty";
import type { Environment } from "../config/read-setting.ts";

/** How parts of an answer are set off; as they are where nobody sees colours (no-color.org). */
export type Paint = Readonly<Record<"added" | "removed" | "changed" | "dim" | "bold", (text: string) => string>>;

const CODES = { added: 32, removed: 31, changed: 33, dim: 2, bold: 1 } as const;

/** For standard output: colour on a terminal only, and not where NO_COLOR says so. */
export const useColour = (env: Environment, tty = isatty(1)): Paint => {
  const wanted = tty && (env["NO_COLOR"] ?? "") === "" && env["TERM"] !== "dumb";
  const paint = (code: number) => (text: string) => (wanted ? `\u001b[${code}m${text}\u001b[0m` : text);
  return {
    added: paint(CODES.added),
    removed: paint(CODES.removed),
    changed: paint(CODES.changed),
    dim: paint(CODES.dim),
    bold: paint(CODES.bold),
  };
};
