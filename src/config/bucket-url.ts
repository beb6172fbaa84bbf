import { keyProblem } from "../core/key.ts";
import type { Kind } from "./field.ts";
import { type Parsed, parsedText } from "./kinds.ts";

/**
 * Where the bucket is. `prefix` has no slash at either end and is empty for the bucket's root; it is taken literally, as
 * the AWS CLI takes it, without decoding `%`. `path` is absolute and decoded (RFC 8089).
 */
export type BucketUrl =
  | { readonly scheme: "s3"; readonly bucket: string; readonly prefix: string }
  | { readonly scheme: "file"; readonly path: string };

const LATER = /^(?:gs|az|git\+[a-z]+):/;
// Looser than Amazon's rule (3 to 63, lower case): other servers, and Amazon's own old buckets, have longer and upper-case names.
const BUCKET = /^[A-Za-z0-9][A-Za-z0-9._-]{1,254}$/;

const trimSlashes = (text: string): string => text.replace(/^\/+|\/+$/g, "");

const parseS3 = (rest: string): Parsed<BucketUrl> => {
  const slash = rest.indexOf("/");
  const bucket = slash === -1 ? rest : rest.slice(0, slash);
  if (!BUCKET.test(bucket)) return { problem: "has no valid bucket name after s3://" };
  const prefix = slash === -1 ? "" : trimSlashes(rest.slice(slash));
  const problem = prefix === "" ? undefined : keyProblem(prefix);
  return problem === undefined
    ? { value: { scheme: "s3", bucket, prefix } }
    : { problem: `has a prefix that ${problem}` };
};

const decode = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
};

const parseFile = (rest: string): Parsed<BucketUrl> => {
  if (!rest.startsWith("/")) return { problem: "needs three slashes and an absolute path" };
  const path = decode(rest);
  if (path === undefined) return { problem: "has a % that is not followed by two hexadecimal digits" };
  const below = trimSlashes(path);
  if (below === "") return { problem: "is the root folder" };
  const problem = keyProblem(below);
  return problem === undefined
    ? { value: { scheme: "file", path: `/${below}` } }
    : { problem: `has a path that ${problem}` };
};

const parse = (text: string): Parsed<BucketUrl> => {
  // Credentials in a URL end up in process lists and logs: refused, and masked in the message.
  if (/^[a-z0-9+]+:\/\/[^/]*@/i.test(text))
    return { problem: "has credentials in it; they have settings of their own" };
  if (LATER.test(text)) return { problem: "is of a kind that is not built yet in this version" };
  if (/[?#]/.test(text)) return { problem: "has a ? or #; options have settings of their own" };
  if (text.startsWith("s3://")) return parseS3(text.slice("s3://".length));
  if (text.startsWith("file://")) return parseFile(text.slice("file://".length));
  return { problem: "is not a bucket's URL" };
};

/** A bucket's URL: `s3://bucket/prefix` or `file:///folder`. */
export const bucketUrl = (): Kind<BucketUrl> =>
  parsedText("s3://bucket/prefix or file:///absolute/folder", /^[a-z][a-z0-9+]*:\/\/.*(?<! )$/, parse);
