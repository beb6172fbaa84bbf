import type { BucketPlace } from "./bucket-place.ts";
import { nameAndPrefix } from "./bucket-prefix.ts";
import type { Parsed } from "./kinds.ts";

// Looser than Amazon's rule (3 to 63, lower case): other servers, and Amazon's own old buckets, have longer and upper-case names.
const BUCKET = /^[A-Za-z0-9][A-Za-z0-9._-]{1,254}$/;

/** What stands behind `s3://`. */
export const parseS3Url = (rest: string): Parsed<BucketPlace> => {
  const parsed = nameAndPrefix(rest, BUCKET, "bucket name after s3://");
  if ("problem" in parsed) return parsed;
  return { value: { scheme: "s3", bucket: parsed.value.name, prefix: parsed.value.prefix } };
};
