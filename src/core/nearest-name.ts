/**
 * Damerau–Levenshtein distance in its optimal-string-alignment form: insertions, deletions, replacements and swaps of
 * neighbours, each letter touched once. (F. J. Damerau, "A technique for computer detection and correction of spelling
 * errors", CACM 7(3), 1964: these four make up over 80 % of misspellings.)
 */
export const editDistance = (a: string, b: string): number => {
  let before: readonly number[] = [];
  let above: readonly number[] = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row[j] = Math.min(
        (above[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (above[j - 1] ?? 0) + (same ? 0 : 1),
        swapped ? (before[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    before = above;
    above = row;
  }
  return above[b.length] ?? 0;
};

/**
 * The name that was most likely meant, or `undefined` when none is near: at most a third of the word's letters (rounded
 * up) may differ, for a far-fetched guess misleads more than none. Letter case counts for nothing; the first of equals wins.
 */
export const nearestName = (word: string, names: Iterable<string>): string | undefined => {
  const wanted = word.toLowerCase();
  let best: string | undefined;
  let bestDistance = Math.ceil(wanted.length / 3);
  for (const name of names) {
    if (Math.abs(name.length - wanted.length) > bestDistance) continue; // each missing letter is an edit
    const distance = editDistance(wanted, name.toLowerCase());
    if (distance < bestDistance || (distance === bestDistance && best === undefined)) {
      best = name;
      bestDistance = distance;
    }
  }
  return best;
};
