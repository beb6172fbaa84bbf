// Holds what is shipped to the sizes of scripts/budget.json: the files of dist/, as they are and compressed, the packages that
// they are made from, and with --images the images of a release. Exact numbers of bytes, so the same on every machine. A file
// that has no budget is over it: what grows is to be decided on, not noticed later.
//   node scripts/budget.ts [--images] [--json]
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { shippedPackages } from "./shipped-packages.ts";

/** One measured thing. Sizes in bytes, packages as a count. */
export type Measured = { readonly what: string; readonly size: number; readonly budget: number | undefined };

export type Budget = {
  readonly dist: Readonly<Record<string, number>>;
  readonly gzip: Readonly<Record<string, number>>;
  readonly image: Readonly<Record<string, number>>;
  /** Installed by `npm ci --omit=dev`. */
  readonly packages: number;
};

const root = join(import.meta.dirname, "..");

export const readBudget = (): Budget => JSON.parse(readFileSync(join(root, "scripts/budget.json"), "utf8"));

/** Of every script in a folder made by scripts/build.ts; source maps are not shipped in images. A budget without a file shows too. */
export const measureDist = (folder: string, budget: Budget): readonly Measured[] => {
  const found = readdirSync(folder).filter((name) => name.endsWith(".cjs"));
  return [...new Set([...found, ...Object.keys(budget.dist)])].sort().flatMap((name) => {
    const bytes = found.includes(name) ? readFileSync(join(folder, name)) : undefined;
    return [
      { what: `dist/${name}`, size: bytes?.length ?? 0, budget: bytes === undefined ? undefined : budget.dist[name] },
      {
        what: `dist/${name}, gzip`,
        size: bytes === undefined ? 0 : gzipSync(bytes, { level: 9 }).length,
        budget: bytes === undefined ? undefined : budget.gzip[name],
      },
    ];
  });
};

export const measurePackages = (lock: string, budget: Budget): Measured => ({
  what: "production packages",
  size: shippedPackages(lock).length,
  budget: budget.packages,
});

const measureImages = (budget: Budget): readonly Measured[] =>
  Object.entries(budget.image).map(([name, limit]) => {
    const { status, stdout, stderr } = spawnSync("docker", ["image", "inspect", "--format", "{{.Size}}", name], {
      encoding: "utf8",
    });
    if (status !== 0) throw new Error(`${name}: ${stderr.trim()} (npm run release makes it)`);
    return { what: `image ${name}`, size: Number(stdout), budget: limit };
  });

export const isOver = ({ size, budget }: Measured): boolean => budget === undefined || size > budget;

export const budgetLine = (measured: Measured): string => {
  const { what, size, budget } = measured;
  const verdict = budget === undefined ? "no budget, or no such file" : isOver(measured) ? "OVER" : "";
  return `${what.padEnd(44)} ${String(size).padStart(12)} of ${String(budget ?? "-").padStart(12)} ${verdict}`.trimEnd();
};

const main = (args: readonly string[]): void => {
  const budget = readBudget();
  const all = [
    ...measureDist(join(root, "dist"), budget),
    measurePackages(readFileSync(join(root, "package-lock.json"), "utf8"), budget),
    ...(args.includes("--images") ? measureImages(budget) : []),
  ];
  const over = all.filter(isOver);
  if (args.includes("--json")) console.log(JSON.stringify(all, undefined, 2));
  else for (const measured of args.includes("--quiet") ? over : all) console.log(budgetLine(measured));
  if (over.length > 0) {
    console.error("Over the budget: make it smaller, or change scripts/budget.json in the same commit and say why.");
    process.exitCode = 1;
  }
};

if (process.argv[1] === fileURLToPath(import.meta.url)) main(process.argv.slice(2));
