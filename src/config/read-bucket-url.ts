import * as z from "zod/mini";
import type { BucketPlace } from "./bucket-place.ts";
import { bucketUrl } from "./bucket-url.ts";

/** A bucket's URL that is no setting: the value, or why it is none, to follow the text in a message. */
export const readBucketUrl = (text: string): { readonly value: BucketPlace } | { readonly problem: string } => {
  const { accepts, schema } = bucketUrl();
  const read = z.safeParse(schema, text);
  if (read.success) return { value: read.data };
  return { problem: `${read.error.issues[0]?.message ?? "is not accepted"}; accepted: ${accepts}` };
};
