import type { PrunePlan } from "../app/prune-bucket.ts";
import { instantText } from "../core/instant-text.ts";
import { sizeText } from "./size-text.ts";

export type PruneView = {
  readonly plan: PrunePlan;
  /** Names of files below the backups folder. */
  readonly local: readonly string[];
  readonly dryRun: boolean;
  readonly json: boolean;
  readonly store: string;
};

/** What was removed, or with a dry run would be: a line for each, and a last line that counts. Ends with a newline. */
export const renderPrune = (view: PruneView): string => (view.json ? asJson(view) : asText(view));

const asJson = ({ plan, local, dryRun, store }: PruneView): string => {
  const rows = (objects: PrunePlan["versions"]) =>
    objects.map(({ name, size, modified }) => ({ name, size, modified: instantText(modified) }));
  const shown = {
    bucket: store,
    dryRun,
    versions: rows(plan.versions),
    backups: rows(plan.backups),
    local,
    spared: plan.spared ?? null,
  };
  return `${JSON.stringify(shown, undefined, 2)}\n`;
};

const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? "" : "s"}`;

const asText = ({ plan, local, dryRun, store }: PruneView): string => {
  const objects = [...plan.versions, ...plan.backups];
  const rows = [
    ...objects.map(({ name, size, modified }) => [name, sizeText(size), instantText(modified)] as const),
    ...local.map((name) => [name, "on this disk", ""] as const),
  ];
  const [first, second] = [0, 1].map((column) => Math.max(0, ...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map(([name, size, at]) =>
    `${name.padEnd(first ?? 0)}  ${size.padEnd(second ?? 0)}  ${at}`.trimEnd(),
  );
  const spared = plan.spared === undefined ? [] : [`the backup of ${plan.spared} stays: no newer one is valid`];
  const verb = dryRun ? "would be removed" : "removed";
  const found = `${count(plan.versions.length, "kept version")} and ${count(plan.backups.length, "backup file")}`;
  const counts = `${found} ${verb} from ${store}`;
  const disk = local.length === 0 ? "" : `, ${count(local.length, "file")} from this disk`;
  return `${[...lines, ...spared, counts + disk].join("\n")}\n`;
};
