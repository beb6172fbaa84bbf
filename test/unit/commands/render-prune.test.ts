import { expect, test } from "vitest";
import { renderPrune } from "../../../src/commands/render-prune.ts";
import { etag } from "../../../src/core/version.ts";

test("sizes are those that the log shows", () => {
  const one = { name: "backups/a.json", size: 54_321, modified: 1_759_452_018_370, etag: etag('"1"') };
  const plan = { versions: [], backups: [one], spared: undefined };
  expect(renderPrune({ plan, local: ["a.json"], dryRun: true, json: false, store: "b" })).toBe(
    [
      "backups/a.json  53.0 KiB      2025-10-03T00:40:18.370Z",
      "a.json          on this disk",
      "0 kept versions and 1 backup file would be removed from b, 1 file from this disk",
      "",
    ].join("\n"),
  );
});
