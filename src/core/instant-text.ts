const DAY_MS = 86_400_000;

const pad = (value: number, length: number): string => String(value).padStart(length, "0");

/**
 * Unix milliseconds as an RFC 3339 date-time in UTC with milliseconds. For years 1970 to 9999. Days to date: H. Hinnant,
 * "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`.
 */
export const instantText = (unixMs: number): string => {
  const days = Math.floor(unixMs / DAY_MS);
  const inDay = Math.floor(unixMs - days * DAY_MS);
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const ofEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (ofEra - Math.floor(ofEra / 1460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) / 365,
  );
  const ofYear = ofEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const fromMarch = Math.floor((5 * ofYear + 2) / 153);
  const day = ofYear - Math.floor((153 * fromMarch + 2) / 5) + 1;
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  const [seconds, millis] = [Math.floor(inDay / 1000), inDay % 1000];
  const time = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map((part) => pad(part, 2));
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}T${time.join(":")}.${pad(millis, 3)}Z`;
};
