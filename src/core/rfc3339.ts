const DATE_TIME =
  /^(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/;

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * Whether the text is an RFC 3339 §5.6 date-time of a day that the calendar has, in capitals and without leap seconds: a
 * subset of what Go's time.Time reads (measured with Go 1.26; it refuses 30 February).
 */
export const isRfc3339 = (text: string): boolean => {
  const [, year, month, day] = DATE_TIME.exec(text) ?? [];
  return Number(day) <= daysIn(Number(year), Number(month)); // without a match, NaN is at most nothing
};

const daysIn = (year: number, month: number): number => {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 2 && leap ? 29 : (DAYS[month - 1] ?? 0);
};
