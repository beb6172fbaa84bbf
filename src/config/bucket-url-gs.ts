import type { BucketPlace } from "./bucket-place.ts";
import { nameAndPrefix } from "./bucket-prefix.ts";
import type { Parsed } from "./kinds.ts";

// Cloud Storage documentation, "Bucket names": 3 to 63, with dots up to 222 (a domain's), beginning and ending with a letter or digit.
const BUCKET = /^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/;

/** What stands behind `gs://`. */
export const parseGsUrl = (rest: string): Parsed<BucketPlace> => {
  const parsed = nameAndPrefix(rest, BUCKET, "bucket name after gs://");
  if ("problem" in parsed) return parsed;
  return { value: { scheme: "gs", bucket: parsed.value.name, prefix: parsed.value.prefix } };
};
