const PARTS = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/**
 * One spelling for each decimal value: `1.0`, `1` and `10e-1` become the same text, 2^53 + 1 and 2^53 do not.
 * The text must be a JSON number; exponents are exact (a huge one costs nothing, no digits are written out).
 */
export const exactNumber = (text: string): string => text.replace(PARTS, spell);

const spell = (_: string, sign: string, whole: string, fraction = "", exponent = "0"): string => {
  const digits = (whole + fraction).replace(/^0+/, "");
  if (digits === "") return "0"; // -0 is 0: equal numbers, and Go writes both
  const significant = digits.replace(/0+$/, "");
  const power = BigInt(exponent) - BigInt(fraction.length) + BigInt(digits.length - significant.length);
  return `${sign}${significant}e${power}`;
};
