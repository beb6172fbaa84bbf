declare const brand: unique symbol;

/** An object's name below the bucket's prefix, checked: relative, `/`-separated, no empty, `.` or `..` part. */
export type Key = string & { readonly [brand]: "Key" };

const MAX_KEY_BYTES = 1024; // S3's limit (Amazon S3 User Guide, "Naming Amazon S3 objects")

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are just what is refused here
const CONTROL = /[\u0000-\u001f\u007f]/;

/** Why a name may not become a file below a folder, or `undefined` when it may. */
export const keyProblem = (name: string): string | undefined => {
  if (name === "") return "is empty";
  if (name.startsWith("/")) return "is absolute";
  if (name.includes("\\")) return "contains a backslash";
  if (CONTROL.test(name)) return "contains a control character";
  if (new TextEncoder().encode(name).length > MAX_KEY_BYTES) return `is longer than ${MAX_KEY_BYTES} bytes`;
  const parts = name.split("/");
  if (parts.includes("")) return "has an empty part";
  if (parts.includes(".") || parts.includes("..")) return "has a `.` or `..` part";
  if (parts.some((part) => new TextEncoder().encode(part).length > 255)) return "has a part longer than 255 bytes";
  return undefined;
};

/** The checked key, or `undefined` for a name that could leave its folder or cannot be a file. */
export const parseKey = (name: string): Key | undefined => (keyProblem(name) === undefined ? (name as Key) : undefined);

/** A key from parts that the program itself chose. Throws RangeError for a bad one: that is a defect, not an input. */
export const key = (...parts: readonly string[]): Key => {
  const parsed = parseKey(parts.join("/"));
  if (parsed === undefined) throw new RangeError(`not a key: ${JSON.stringify(parts.join("/"))}`);
  return parsed;
};
