/** Bytes per unit, largest first: binary prefixes as in IEC 80000-13, so that `8MiB` has one meaning. */
const UNITS = [
  ["GiB", 1024 ** 3],
  ["MiB", 1024 ** 2],
  ["KiB", 1024],
  ["B", 1],
] as const;

/** The written form: a whole number and a unit. */
export const SIZE_PATTERN = /^(?:0|[1-9][0-9]*)(?:B|KiB|MiB|GiB)$/;

/** Bytes of `512B`, `64KiB`, `8MiB` or `1GiB`. `undefined` for everything else, `8MB` and `8M` included: 1000 or 1024? */
export const parseSize = (text: string): number | undefined => {
  if (!SIZE_PATTERN.test(text)) return undefined;
  const digits = text.replace(/[A-Za-z]+$/, "");
  const unit = text.slice(digits.length);
  const scale = UNITS.find(([name]) => name === unit)?.[1] ?? 1;
  const bytes = Number(digits) * scale;
  return Number.isSafeInteger(bytes) ? bytes : undefined;
};

/** The shortest exact form that {@link parseSize} reads back: 8388608 is `8MiB`, 1000 is `1000B`. Whole, 0 or more. */
export const formatSize = (bytes: number): string => {
  const [unit, scale] = UNITS.find(([, size]) => bytes >= size && bytes % size === 0) ?? ["B", 1];
  return `${bytes / scale}${unit}`;
};
