/** How a value is made fit for a log line. */
export type LogValueOptions = {
  readonly redact: (text: string) => string;
  /** The most characters of one text. */
  readonly longest: number;
  /** The most entries of one array or object. */
  readonly most: number;
  /** Whether errors show their stack and cause. */
  readonly stacks: boolean;
};

const DEEPEST = 5;

const cut = (text: string, longest: number): string =>
  text.length <= longest ? text : `${text.slice(0, longest).toWellFormed()}… (${text.length - longest} more)`;

/** Redacted first: half a secret, cut off, would not be found any more. */
const plainText = (text: string, { redact, longest }: LogValueOptions): string => cut(redact(text), longest);

const plainError = (error: Error, options: LogValueOptions, depth: number): Record<string, unknown> => {
  const shown: Record<string, unknown> = { message: plainText(error.message, options) };
  for (const name of ["code", "hint"] as const) {
    const value: unknown = Reflect.get(error, name);
    if (typeof value === "string") shown[name] = plainText(value, options);
  }
  if (!options.stacks) return shown;
  if (error.stack !== undefined) shown["stack"] = plainText(error.stack, options);
  if (error.cause !== undefined) shown["cause"] = plainValue(error.cause, options, depth + 1);
  return shown;
};

const plainObject = (value: object, options: LogValueOptions, depth: number): Record<string, unknown> => {
  const entries = Object.entries(value).slice(0, options.most);
  return Object.fromEntries(
    entries.map(([name, each]) => [plainText(name, options), plainValue(each, options, depth + 1)]),
  );
};

/**
 * Any value as plain, short, redacted JSON: errors as message, code and hint; bytes as their number; what is too deep as
 * `…`. May throw what a getter throws.
 */
export const plainValue = (value: unknown, options: LogValueOptions, depth = 0): unknown => {
  if (typeof value === "string") return plainText(value, options);
  if (typeof value === "number" || typeof value === "bigint") {
    const text = options.redact(String(value)); // an access code may be a number
    return typeof value === "number" && Number.isFinite(value) && text === String(value) ? value : text;
  }
  if (typeof value === "boolean" || value === null) return value;
  if (typeof value !== "object") return undefined;
  if (depth > DEEPEST) return "…";
  if (value instanceof Error) return plainError(value, options, depth);
  if (ArrayBuffer.isView(value)) return `${value.byteLength} bytes`;
  if (Array.isArray(value))
    return value.slice(0, options.most).map((each) => plainValue(each, options, depth + 1) ?? null);
  return plainObject(value, options, depth);
};
