import type { BucketPlace } from "./bucket-place.ts";
import { parseAzUrl } from "./bucket-url-az.ts";
import { parseFileUrl } from "./bucket-url-file.ts";
import { parseGitUrl } from "./bucket-url-git.ts";
import { parseGsUrl } from "./bucket-url-gs.ts";
import { parseS3Url } from "./bucket-url-s3.ts";
import type { Kind } from "./field.ts";
import { type Parsed, parsedText } from "./kinds.ts";

/** Reads what stands behind `scheme://`. */
type ParseRest = (rest: string, scheme: string) => Parsed<BucketPlace>;

type Scheme = {
  readonly parse: ParseRest;
  /** `user@` before the host is a part of the place, and no secret. Without a password; and over https a name may be a token. */
  readonly user?: true;
  /** `#` begins a part of the place. */
  readonly fragment?: true;
};

/** A line for each kind of bucket; its parser lies in a file of its own. */
const SCHEMES: Readonly<Record<string, Scheme>> = {
  s3: { parse: parseS3Url },
  file: { parse: parseFileUrl },
  az: { parse: parseAzUrl },
  gs: { parse: parseGsUrl },
  "git+https": { parse: parseGitUrl, fragment: true },
  "git+http": { parse: parseGitUrl, fragment: true },
  "git+ssh": { parse: parseGitUrl, fragment: true, user: true },
  "git+file": { parse: parseGitUrl, fragment: true },
};

const URL_PATTERN = /^[a-z][a-z0-9+]*:\/\/.*(?<! )$/;

const parse = (text: string): Parsed<BucketPlace> => {
  const end = text.indexOf("://");
  const name = text.slice(0, end);
  const rest = text.slice(end + "://".length);
  const scheme = Object.hasOwn(SCHEMES, name) ? SCHEMES[name] : undefined;
  // Credentials in a URL end up in process lists and logs: refused, and masked in the message.
  const userinfo = /^([^/]*)@/.exec(rest)?.[1];
  if (userinfo !== undefined && !(scheme?.user === true && /^[\w.-]+$/.test(userinfo)))
    return { problem: "has credentials in it; they have settings of their own" };
  if (scheme === undefined) return { problem: "is not a bucket's URL" };
  const marks = scheme.fragment === true ? /\?/ : /[?#]/;
  if (marks.test(rest)) return { problem: "has a ? or #; options have settings of their own" };
  return scheme.parse(rest, name);
};

/**
 * A bucket's URL: `s3://bucket/prefix`, `az://container/prefix`, `gs://bucket/prefix`, `git+https://host/path.git#branch` or
 * `file:///folder`.
 */
export const bucketUrl = (): Kind<BucketPlace> =>
  parsedText(
    "s3://bucket/prefix, az://container/prefix, gs://bucket/prefix, git+https://host/path.git#branch or file:///absolute/folder",
    URL_PATTERN,
    parse,
  );
