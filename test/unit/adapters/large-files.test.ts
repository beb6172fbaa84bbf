import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createFilledPrefix } from "../../../src/adapters/large-files/filled-prefix.ts";
import { createKnownFiles } from "../../../src/adapters/large-files/known-files.ts";
import { sameContent } from "../../../src/adapters/large-files/same-content.ts";
import type { LargeFile } from "../../../src/ports/large-files.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { digestOf } from "../core/digest-of.ts";

const MS = 1_000_000n;
const fileAt = (path: string, text: string, clocks: readonly (readonly [number, number])[] = []): LargeFile => ({
  path,
  stamp: { size: text.length, mtimeNs: String(1_000n * MS), ctimeNs: String(1_000n * MS), inode: "1" },
  sha256: digestOf(text.length + (text.charCodeAt(0) || 0) * 100),
  check: {
    kind: "valid",
    graph: { leaves: 1, clockFields: [], app: undefined, clocks: clocks.map(([start, end]) => ({ start, end })) },
  },
});

test("what is filled from the start on is what the pieces so far cover, in whatever order they come", () => {
  const pieces = fc.shuffledSubarray(Array.from({ length: 12 }, (_, n) => n));
  fc.assert(
    fc.property(pieces, fc.integer({ min: 1, max: 9 }), (order, size) => {
      const note = createFilledPrefix();
      const there = new Set<number>();
      for (const n of order) {
        there.add(n);
        let whole = 0;
        while (there.has(whole)) whole++;
        expect(note(n * size, size)).toBe(whole * size);
        expect(note(n * size, size)).toBe(whole * size); // the same piece may come twice
      }
    }),
  );
});

test("what was found counts for the same stamp only, and only if that proves it", async () => {
  const path = join(tempDir(), "large.json");
  const file = fileAt("/data/graph.json", "{}");
  const known = createKnownFiles(path, "auto");
  await known.note(file, 1_500); // half a second after it was written: another write could have left the same stamp
  expect(await known.find(file.path, file.stamp)).toBeUndefined();
  await known.note(file, 3_001);
  for (const other of [known, createKnownFiles(path, "auto")]) {
    expect(await other.find(file.path, file.stamp)).toEqual(file);
    expect(await other.find(file.path, { ...file.stamp, ctimeNs: String(2_000n * MS) })).toBeUndefined();
    expect(await other.find(file.path, { ...file.stamp, size: 3 })).toBeUndefined();
    expect(await other.ofSize(2)).toEqual([file]);
  }
  expect(await createKnownFiles(path, "json").find(file.path, file.stamp)).toBeUndefined();
  writeFileSync(path, "{");
  expect(await createKnownFiles(path, "auto").find(file.path, file.stamp)).toBeUndefined();
  await known.note(file, "own");
  expect(await known.find(file.path, file.stamp)).toEqual(file);
});

test("two files are the same when what stands beside their clocks is", async () => {
  const texts = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 4 });
  const document = fc.record({ before: texts, clock: texts, between: texts, other: texts, after: texts });
  type Document = { before: string; clock: string; between: string; other: string; after: string };
  const build = ({ before, clock, between, other, after }: Document, name: string) => {
    const text = `${name}${before}${clock}${between}${other}${after}`;
    const first = name.length + before.length;
    const second = first + clock.length + between.length;
    const file = fileAt(name, text, [
      [0, name.length], // so that no two have one digest
      [first, first + clock.length],
      [second, second + other.length],
    ]);
    return { text, file, rest: before + between + after };
  };
  await fc.assert(
    fc.asyncProperty(document, document, async (one, two) => {
      const [a, b] = [build(one, "x"), build(two, "y")];
      const readOf = (file: LargeFile) => async (offset: number, length: number) =>
        Buffer.from((file === a.file ? a : b).text.slice(offset, offset + length));
      expect(await sameContent(a.file, b.file, readOf)).toBe(a.rest === b.rest);
    }),
    { numRuns: 500 },
  );
});
