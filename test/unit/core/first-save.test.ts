import { expect, test } from "vitest";
import { type Base, isFirstSave } from "../../../src/core/state.ts";
import { digestOf } from "./digest-of.ts";

const BASE: Base = { kind: "content", sha256: digestOf(1) };

test.each<[string, boolean, Base, number | undefined, boolean]>([
  ["a child's save over what others have written", true, BASE, undefined, true],
  ["a child's save over what others have written since its last one", true, BASE, 2, true],
  ["a child's save over its own", true, BASE, 1, false],
  ["a person's edit between two runs", false, BASE, undefined, false],
  ["a save where there was no graph", true, { kind: "absent" }, undefined, false],
  ["a save where nothing is known", true, { kind: "none" }, undefined, false],
])("a first save: %s", (_, child, base, own, first) =>
  expect(isFirstSave({ base, child, ownSave: own === undefined ? undefined : digestOf(own) })).toBe(first),
);
