import type { Finding } from "../../core/doctor/finding.ts";

const COLOURS = { ok: 32, warning: 33, problem: 31 } as const;
const STATUS_WIDTH = "problem".length;
/** Of the longest id: lines are printed as they are found, before the last is known. */
const CHECK_WIDTH = "credentials.child".length;

const oneLine = (text: string): string => text.replaceAll(/\p{Cc}+/gu, " ");

const countOf = (findings: readonly Finding[], status: Finding["status"]): number =>
  findings.filter((finding) => finding.status === status).length;

const counted = (count: number, word: string): string => `${count} ${word}${count === 1 ? "" : "s"}`;

/** Findings for people: one a line, with what to do below it. Each line ends with a newline. */
export const findingLines = (findings: readonly Finding[], colour: boolean): string => {
  const paint = (status: Finding["status"]): string => {
    const text = status.padEnd(STATUS_WIDTH);
    return colour ? `\u001b[${COLOURS[status]}m${text}\u001b[0m` : text;
  };
  const indent = " ".repeat(STATUS_WIDTH + CHECK_WIDTH + 4);
  const lines = findings.flatMap(({ check, status, saw, advice }) => [
    `${paint(status)}  ${check.padEnd(CHECK_WIDTH)}  ${oneLine(saw)}\n`,
    ...(advice === undefined ? [] : [`${indent}→ ${oneLine(advice)}\n`]),
  ]);
  return lines.join("");
};

/** The last line for people. */
export const findingCount = (findings: readonly Finding[]): string =>
  `\n${counted(countOf(findings, "problem"), "problem")}, ${counted(countOf(findings, "warning"), "warning")}\n`;

/** All of it for programs: one JSON object. */
export const findingsJson = (findings: readonly Finding[]): string => {
  const [problems, warnings] = [countOf(findings, "problem"), countOf(findings, "warning")];
  return `${JSON.stringify({ problems, warnings, findings }, undefined, 2)}\n`;
};
