import { readFileSync, statSync } from "node:fs";

const STAMP_TRIES = 3;

/** What tells one version of a file from the next; links are followed (Kubernetes swaps a link to a folder). */
const stampOf = (path: string): string => {
  const { ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
  return `${ino} ${size} ${mtimeNs} ${ctimeNs}`;
};

const withoutNewline = (text: string): string => text.replace(/\r?\n$/, "");

/**
 * Texts of files that are replaced while the program runs, as mounted secrets are. Each call looks whether a file has changed,
 * which costs a stat(2) each, and reads all of them anew if one has: a key and its secret belong together. While they cannot be
 * read, are empty, or keep changing, the last ones stay. `changed` is told the new texts. Never throws.
 */
export const createRotatingTexts = (
  paths: readonly string[],
  first: readonly string[],
  changed: (texts: readonly string[]) => void,
): (() => readonly string[]) => {
  let texts = first;
  let stamp: string | undefined;
  const stamps = (): string => paths.map(stampOf).join("\n");
  const read = (): void => {
    for (let n = 0; n < STAMP_TRIES; n++) {
      const before = stamps();
      if (before === stamp) return;
      const found = paths.map((path) => withoutNewline(readFileSync(path, "utf8")));
      if (stamps() !== before) continue;
      if (found.includes("")) return;
      stamp = before;
      if (found.every((text, index) => text === texts[index])) return;
      texts = found;
      changed(found);
    }
  };
  return () => {
    try {
      read();
    } catch {
      // in the middle of being replaced
    }
    return texts;
  };
};
