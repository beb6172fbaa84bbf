/** A row of the table: what is measured, beside what, what it is to reach, and what was found. */
export type Row = {
  readonly work: string;
  readonly beside: string;
  readonly target: string;
  readonly measured: string;
  /** Nothing where there is nothing to judge: a peer is missing, or the target is not a number. */
  readonly met: boolean | undefined;
};

/** What the numbers are worth: the machine, and the versions of what was measured. */
export type Facts = {
  readonly date: string;
  readonly cores: number;
  readonly cpu: string;
  readonly memoryGb: number;
  readonly node: string;
  /** By name; nothing for those that are not installed. */
  readonly peers: Readonly<Record<string, string | null>>;
  /** Sizes and rounds cut down: shows that it works, and measures nothing. */
  readonly quick: boolean;
};

const HEAD: readonly string[] = ["work", "beside", "reach", "measured", "met"];

const metText = (met: boolean | undefined): string => (met === undefined ? "–" : met ? "yes" : "no");
const cellsOf = ({ work, beside, target, measured, met }: Row): readonly string[] => [
  work,
  beside,
  target,
  measured,
  metText(met),
];

/** Columns for a terminal. */
export const plainTable = (rows: readonly Row[]): string => {
  const all = [HEAD, ...rows.map(cellsOf)];
  const widths = HEAD.map((_, at) => Math.max(...all.map((cells) => cells[at]?.length ?? 0)));
  return all
    .map((cells) =>
      cells
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
};

const markdownTable = (rows: readonly Row[]): string =>
  [HEAD, HEAD.map(() => "---"), ...rows.map(cellsOf)].map((cells) => `| ${cells.join(" | ")} |`).join("\n");

/** A line on the machine, one for each peer that is left out, and one if it was no real run. */
export const factLines = ({ date, cores, cpu, memoryGb, node, peers, quick }: Facts): readonly string[] => [
  `${date}: ${cores} cores (${cpu}), ${memoryGb} GB, Node ${node}.`,
  ...Object.entries(peers).map(([name, version]) =>
    version === null ? `${name}: not installed, left out.` : `${name}: ${version}.`,
  ),
  ...(quick ? ["A quick run: sizes and rounds are cut down, so these numbers say only that it works."] : []),
];

/** What stands in docs/performance.md between its marks. */
export const markdownBlock = (facts: Facts, rows: readonly Row[]): string =>
  `${markdownTable(rows)}\n\n${factLines(facts)
    .map((line) => `- ${line}`)
    .join("\n")}`;

const BEGIN = "<!-- bench:begin -->";
const END = "<!-- bench:end -->";

/** The document with another block between its marks. Throws when a mark is missing, twice there, or out of order. */
export const fillBlock = (document: string, block: string): string => {
  const [before, inside, ...more] = document.split(BEGIN);
  const [, after, ...rest] = (inside ?? "").split(END);
  if (before === undefined || after === undefined || more.length > 0 || rest.length > 0 || before.includes(END))
    throw new Error(`the document needs ${BEGIN} and after it ${END}, once each`);
  return `${before}${BEGIN}\n${block}\n${END}${after}`;
};
