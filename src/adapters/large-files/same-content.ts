import type { Range } from "../../core/scan/scan-graph.ts";
import type { LargeFile } from "../../ports/large-files.ts";
import type { ReadAt } from "../../ports/object-store.ts";

const PIECE = 1024 * 1024;

/** What is left of a file without these ranges, which come in order. */
const partsBeside = (ranges: readonly Range[], size: number): readonly Range[] => {
  const starts = [0, ...ranges.map(({ end }) => end)];
  const ends = [...ranges.map(({ start }) => start), size];
  return starts.map((start, n) => ({ start, end: ends[n] ?? size })).filter(({ start, end }) => end > start);
};

const lengthOf = (parts: readonly Range[]): number => parts.reduce((sum, { start, end }) => sum + end - start, 0);

const partsOf = ({ check, stamp }: LargeFile): readonly Range[] | undefined =>
  check.kind === "valid" ? partsBeside(check.graph.clocks, stamp.size) : undefined;

/** See `LargeFiles.same`. Most that differ do so in length, or soon. */
export const sameContent = async (
  a: LargeFile,
  b: LargeFile,
  readOf: (file: LargeFile) => ReadAt,
): Promise<boolean> => {
  if (a.sha256 === b.sha256) return true;
  const [left, right] = [partsOf(a), partsOf(b)];
  if (left === undefined || right === undefined || lengthOf(left) !== lengthOf(right)) return false;
  const [readLeft, readRight] = [readOf(a), readOf(b)];
  const [roomLeft, roomRight] = [Buffer.allocUnsafeSlow(PIECE), Buffer.allocUnsafeSlow(PIECE)];
  const rest = [...right];
  let other = rest.shift();
  for (const part of left) {
    for (let { start } = part; start < part.end && other !== undefined; ) {
      const length = Math.min(PIECE, part.end - start, other.end - other.start);
      const [mine, theirs] = await Promise.all([
        readLeft(start, length, roomLeft.subarray(0, length)),
        readRight(other.start, length, roomRight.subarray(0, length)),
      ]);
      if (Buffer.compare(mine, theirs) !== 0) return false;
      start += length;
      other = other.start + length < other.end ? { start: other.start + length, end: other.end } : rest.shift();
    }
  }
  return true;
};
