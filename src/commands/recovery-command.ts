import { pathToFileURL } from "node:url";
import type { Paths } from "../app/io.ts";
import type { Config } from "../config/schema.ts";

/** The bucket as it is written in KGSYNC_BUCKET. */
export const bucketText = ({ bucket }: Pick<Config, "bucket">): string => {
  switch (bucket.scheme) {
    case "file":
      return pathToFileURL(bucket.path).href;
    case "git":
      return `git+${bucket.remote}#${bucket.branch}${bucket.folder === "" ? "" : `:${bucket.folder}`}`;
    case "az":
      return below(`az://${bucket.container}`, bucket.prefix);
    default:
      return below(`${bucket.scheme}://${bucket.bucket}`, bucket.prefix);
  }
};

const below = (root: string, prefix: string): string => (prefix === "" ? root : `${root}/${prefix}`);

/** What a person types, where the files lie, to bring them to the bucket after all. */
export const recoveryCommand = (config: Config, paths: Paths): string => {
  const flags = [
    ["bucket", bucketText(config)],
    ["graph", paths.graph],
    ["backups", paths.backups ?? ""],
    ["state-dir", paths.state],
  ];
  return ["kgsync push", ...flags.map(([name, value]) => `--${name} ${quote(value ?? "")}`)].join(" ");
};

const quote = (text: string): string => (/^[\w./:@%+,=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
