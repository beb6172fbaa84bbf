import { expect, test } from "vitest";
import type { ListedConflict } from "../../../src/app/list-conflicts.ts";
import type { FoundConflict } from "../../../src/app/read-conflict.ts";
import { renderConflict, renderConflicts } from "../../../src/commands/render-conflicts.ts";
import { useColour } from "../../../src/commands/use-colour.ts";
import { etag } from "../../../src/core/version.ts";

const plain = useColour({}, false);

const listed = (more: Partial<ListedConflict> = {}): ListedConflict => ({
  name: "quarantine-pod-1-0a1b2c3d",
  kind: "quarantine",
  writer: "pod-1-0a1b2c3d",
  size: 10,
  modified: 1_759_452_018_370,
  etag: etag('"1"'),
  resolved: false,
  ...more,
});

const shown = (more: Partial<ListedConflict>): string => {
  const conflict = listed(more);
  const found: Omit<FoundConflict, "object"> = { listed: conflict, record: undefined };
  return renderConflict(found, plain);
};

test("the list says what its columns are", () => {
  const open = listed({ kind: "record", name: "4be1c09a77d2f310-pod-2-99ffee00" });
  expect(renderConflicts([open, listed(), listed({ resolved: true })], true, plain)).toBe(
    [
      "TIME                  STATE       NAME",
      "2025-10-03T00:40:18Z  open        4be1c09a77d2f310-pod-2-99ffee00",
      "2025-10-03T00:40:18Z  quarantine  quarantine-pod-1-0a1b2c3d",
      "2025-10-03T00:40:18Z  resolved    quarantine-pod-1-0a1b2c3d",
      "",
    ].join("\n"),
  );
  expect(renderConflicts([], false, plain)).toBe("there are no open conflicts\n");
});

test("of a conflict that is settled it is not said that it can be settled by leaving the graph as it is", () => {
  expect(shown({})).toMatch(/leave the graph as it is:\n.*--ours\n.*--keep\n$/);
  expect(shown({ resolved: true })).toMatch(/It is settled\. .*\n.*--ours\n$/);
});
