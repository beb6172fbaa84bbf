/** An object as it was listed. `modified`: Unix milliseconds of the store's clock. */
export type Prunable = { readonly name: string; readonly size: number; readonly modified: number };

const VERSION_NAME = /^[0-9a-f]{16}\.json$/;

/**
 * Which kept versions go: our own (by name), all but the newest `keep` by the store's clock. Of two of the same time the name
 * decides, so that everybody who looks chooses the same.
 */
export const planVersionPrune = <T extends Prunable>(
  listed: readonly T[],
  prefix: string,
  keep: number,
): readonly T[] =>
  listed
    .filter(({ name }) => name.startsWith(prefix) && VERSION_NAME.test(name.slice(prefix.length)))
    .sort((a, b) => b.modified - a.modified || (a.name < b.name ? 1 : -1))
    .slice(keep);

/** All files of the backups that were made at one moment. `at`: fourteen digits, of local time, as the names have it. */
export type BackupGroup<T extends Prunable> = { readonly at: string; readonly files: readonly T[] };

const MOMENT = /(\d{8})[_T-]?(\d{6})/;

/**
 * Backups by the moment in their names (`knowledge_graph_20251003_004018.json`, `20251003004018/…`), newest first. What has
 * none in its own name or that of its first folder is nobody's backup that we could date: it is left out, and never pruned.
 */
export const groupBackups = <T extends Prunable>(listed: readonly T[], prefix: string): readonly BackupGroup<T>[] => {
  const dated = listed.flatMap((object) => {
    const [entry = ""] = object.name.slice(prefix.length).split("/");
    const [, day, time] = MOMENT.exec(entry) ?? [];
    return day === undefined || time === undefined ? [] : [{ at: day + time, object }];
  });
  return [...Map.groupBy(dated, ({ at }) => at)]
    .map(([at, rows]) => ({ at, files: rows.map(({ object }) => object) }))
    .sort((a, b) => (a.at < b.at ? 1 : -1));
};
