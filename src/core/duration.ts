/** Milliseconds per unit, largest first. */
const UNITS = [
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1_000],
  ["ms", 1],
] as const;

/** The written form: a whole number and a unit, or a bare `0`. */
export const DURATION_PATTERN = /^(?:0|(?:0|[1-9][0-9]*)(?:ms|s|m|h))$/;

/**
 * The longest duration, 24 days in milliseconds. A timer of more than 2^31-1 ms fires at once (Node.js `timers`
 * documentation): a timeout that someone meant as "never" would end everything immediately.
 */
export const MAX_DURATION_MS = 24 * 24 * 3_600_000;

/**
 * Milliseconds of `500ms`, `30s`, `5m`, `1h` or `0`. `undefined` for everything else: no fraction, no sign, no blank, no
 * number without a unit (is `30` seconds or milliseconds?), nothing above 24 days.
 */
export const parseDuration = (text: string): number | undefined => {
  if (!DURATION_PATTERN.test(text)) return undefined;
  const digits = text.replace(/[a-z]+$/, "");
  const unit = text.slice(digits.length);
  const scale = UNITS.find(([name]) => name === unit)?.[1] ?? 1;
  const ms = Number(digits) * scale;
  return ms <= MAX_DURATION_MS ? ms : undefined;
};

/** The shortest exact form that {@link parseDuration} reads back: 90000 is `90s`, 60000 is `1m`, 0 is `0`. Whole, 0 or more. */
export const formatDuration = (ms: number): string => {
  if (ms === 0) return "0";
  const [unit, scale] = UNITS.find(([, size]) => ms % size === 0) ?? ["ms", 1];
  return `${ms / scale}${unit}`;
};
