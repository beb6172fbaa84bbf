/**
 * What tells the elements of a list apart, tried in this order: the first that all elements of a list have, and that no two
 * share, is what they are merged by. `+` joins members that only count together.
 */
export const IDENTITY_KEYS: readonly string[] = [
  "id",
  "_id",
  "uid",
  "uuid",
  "key",
  "from+to+relationType",
  "source+target+type",
  "type+name",
  "name",
  "method+path",
  "path",
  "slug",
  "text",
];

/** Root members that say which of two documents is the later one: the latest of each counts. */
export const CLOCK_FIELDS: readonly string[] = ["last_updated", "updated_at", "lastUpdated", "updatedAt", "modified"];

/** Keys that hold the time of the last change, in lower case and without `_` and `-`: `last_updated`, `updatedAt`, … */
export const CLOCK_NAMES: ReadonlySet<string> = new Set(
  (
    "lastupdated lastupdatedat lastupdate updated updatedat updatedon updatetime dateupdated modified modifiedat modifiedon " +
    "modifiedtime datemodified lastmodified lastmodifiedat lastmodifiedtime changedat lastchanged lastchange mtime savedat " +
    "lastsaved lastsavedat lastseen lastseenat lastsynced lastsyncedat"
  ).split(" "),
);
