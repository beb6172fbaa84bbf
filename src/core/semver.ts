const VERSION = /^v?(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$/;
const DIGITS = /^\d+$/;

/**
 * Which of two versions has precedence (Semantic Versioning 2.0.0 §11; a leading `v` is allowed): positive for `a`, negative
 * for `b`, 0 for equal precedence, `undefined` when one is no such version. Numbers of any length are compared exactly.
 */
export const compareSemver = (a: string, b: string): number | undefined => {
  const [left, right] = [VERSION.exec(a), VERSION.exec(b)];
  if (left === null || right === null) return undefined;
  for (const part of [1, 2, 3]) {
    const order = compareDigits(left[part] ?? "", right[part] ?? "");
    if (order !== 0) return order;
  }
  return comparePrerelease(left[4], right[4]);
};

const comparePrerelease = (a: string | undefined, b: string | undefined): number => {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  const [left, right] = [a.split("."), b.split(".")];
  for (const [index, identifier] of left.entries()) {
    const other = right[index];
    if (other === undefined) return 1;
    const order = compareIdentifiers(identifier, other);
    if (order !== 0) return order;
  }
  return left.length - right.length;
};

const compareIdentifiers = (a: string, b: string): number => {
  const [x, y] = [DIGITS.test(a), DIGITS.test(b)];
  if (x && y) return compareDigits(a, b);
  return x === y ? compareTexts(a, b) : Number(y) - Number(x); // numbers come before words
};

const compareDigits = (a: string, b: string): number => a.length - b.length || compareTexts(a, b);

const compareTexts = (a: string, b: string): number => Number(a > b) - Number(a < b);
