import type { Finding } from "../../core/doctor/finding.ts";

const COLOURS = { ok: 32, warning: 33, problem: 31 } as const;

const oneLine = (text: string): string => text.replaceAll(/\p{Cc}+/gu, " ");

const countOf = (findings: readonly Finding[], status: Finding["status"]): number =>
  findings.filter((finding) => finding.status === status).length;

const counted = (count: number, word: string): string => `${count} ${word}${count === 1 ? "" : "s"}`;

/** The findings for people, one a line with what to do below it, and a last line that counts them. */
const asText = (findings: readonly Finding[], colour: boolean): string => {
  const width = Math.max(...findings.map(({ check }) => check.length));
  const paint = (status: Finding["status"]): string =>
    colour ? `\u001b[${COLOURS[status]}m${status.padEnd(7)}\u001b[0m` : status.padEnd(7);
  const lines = findings.flatMap(({ check, status, saw, advice }) => [
    `${paint(status)}  ${check.padEnd(width)}  ${oneLine(saw)}`,
    ...(advice === undefined ? [] : [`${" ".repeat(7 + 2 + width + 2)}→ ${oneLine(advice)}`]),
  ]);
  const [problems, warnings] = [countOf(findings, "problem"), countOf(findings, "warning")];
  return `${[...lines, "", `${counted(problems, "problem")}, ${counted(warnings, "warning")}`].join("\n")}\n`;
};

/** What `kgsync doctor` prints; ends with a newline. `json`: one object, for programs. */
export const renderFindings = (
  findings: readonly Finding[],
  { json, colour }: { readonly json: boolean; readonly colour: boolean },
): string => {
  if (!json) return asText(findings, colour);
  const [problems, warnings] = [countOf(findings, "problem"), countOf(findings, "warning")];
  return `${JSON.stringify({ problems, warnings, findings }, undefined, 2)}\n`;
};
