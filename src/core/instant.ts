import { isRfc3339 } from "./rfc3339.ts";

/** A moment as whole seconds since 1970 in UTC and the decimal digits behind them, without trailing zeros. */
type Instant = { readonly seconds: number; readonly fraction: string };

const PARTS = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:Z|([+-])(\d\d):(\d\d))$/;

/**
 * Which of two RFC 3339 §5.6 texts is the later moment: positive for `a`, negative for `b`, 0 for the same moment, `undefined`
 * when one is no such text. Zones and any number of digits count; as texts `…58Z` would be later than `…58.5Z`.
 */
export const compareInstants = (a: string, b: string): number | undefined => {
  const [left, right] = [parseInstant(a), parseInstant(b)];
  if (left === undefined || right === undefined) return undefined;
  if (left.seconds !== right.seconds) return left.seconds - right.seconds;
  if (left.fraction === right.fraction) return 0;
  return left.fraction > right.fraction ? 1 : -1; // digits without trailing zeros sort as fractions do
};

const parseInstant = (text: string): Instant | undefined => {
  const parts = isRfc3339(text) ? PARTS.exec(text) : null;
  if (parts === null) return undefined;
  const at = (index: number): number => Number(parts[index] ?? 0);
  const east = (at(9) * 60 + at(10)) * (parts[8] === "-" ? -1 : 1);
  const minutes = daysFrom1970(at(1), at(2), at(3)) * 1440 + at(4) * 60 + at(5) - east;
  return { seconds: minutes * 60 + at(6), fraction: (parts[7] ?? "").replace(/0+$/, "") };
};

/** Days of the Gregorian calendar (Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil). */
const daysFrom1970 = (year: number, month: number, day: number): number => {
  const y = month <= 2 ? year - 1 : year; // years that begin in March end with the leap day
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
};
