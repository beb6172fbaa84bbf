import * as z from "zod/mini";
import { field, type Kind } from "./field.ts";
import { choice, line, optional } from "./kinds.ts";

const pathStyle = (): Kind<boolean | "auto"> => {
  const { schema, accepts } = choice("auto", "true", "false");
  const meaning = { auto: "auto", true: true, false: false } as const;
  return {
    accepts,
    schema: z.pipe(
      schema,
      z.transform((word: keyof typeof meaning) => meaning[word]),
    ),
  };
};

/** S3 beyond what AWS's own variables say. */
export const s3Fields = {
  s3AccessKeyId: field(optional(line("the key's id, without blanks around it")), {
    env: "KGSYNC_S3_ACCESS_KEY_ID",
    group: "s3",
    secret: true,
    example: "AKIAIOSFODNN7EXAMPLE",
    prose: "Credentials for kgsync alone, where the app's `AWS_*` are not for the bucket. Needs the secret key too.",
    unset: "AWS's chain",
  }),
  s3SecretAccessKey: field(optional(line("the secret key, without blanks around it")), {
    env: "KGSYNC_S3_SECRET_ACCESS_KEY",
    group: "s3",
    secret: true,
    example: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    prose: "The secret key of `KGSYNC_S3_ACCESS_KEY_ID`.",
    unset: "AWS's chain",
  }),
  s3SessionToken: field(optional(line("the token, without blanks around it")), {
    env: "KGSYNC_S3_SESSION_TOKEN",
    group: "s3",
    secret: true,
    example: "IQoJb3JpZ2luX2VjEXAMPLE",
    prose: "The session token, where the key above is a temporary one.",
    unset: "none",
  }),
  s3Sse: field(optional(choice("AES256", "aws:kms", "aws:kms:dsse")), {
    env: "KGSYNC_S3_SSE",
    group: "s3",
    example: "aws:kms",
    prose: "Server-side encryption to ask for with each put. Many bucket policies deny puts without.",
    unset: "the bucket's own",
  }),
  s3SseKmsKeyId: field(optional(line("a KMS key's id, ARN or alias")), {
    env: "KGSYNC_S3_SSE_KMS_KEY_ID",
    group: "s3",
    example: "alias/kgsync",
    prose: "The KMS key; needs `KGSYNC_S3_SSE` to be `aws:kms` or `aws:kms:dsse`.",
    unset: "the bucket's own",
  }),
  s3PathStyle: field(pathStyle(), {
    env: "KGSYNC_S3_PATH_STYLE",
    group: "s3",
    example: "true",
    prose: "The bucket's name in the path instead of the host name. `auto`: at every endpoint but Amazon's.",
    fallback: "auto",
  }),
  s3Conditions: field(choice("auto", "create-only"), {
    env: "KGSYNC_S3_CONDITIONS",
    group: "s3",
    example: "create-only",
    prose:
      "How the graph and the lease are updated. `auto`: by `If-Match`. `create-only`: as numbered versions, for servers that honour `If-None-Match` only; [more requests](s3-compatible.md#create-only). The same for every copy.",
    fallback: "auto",
  }),
};
