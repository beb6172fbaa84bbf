import { randomUUID } from "node:crypto";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll } from "vitest";
import { FULL, objectStoreConformance } from "../conformance/object-store.ts";
import { createOnlyOn } from "../support/create-only-on.ts";
import { storeOn } from "../support/s3-double/store-on.ts";

/** Against a real server, whose `If-Match` is not used: run by scripts/test-s3.sh. Without one, these tests fail. */
const endpoint = process.env["KGSYNC_TEST_S3_ENDPOINT"] ?? "";
if (endpoint === "") throw new Error("KGSYNC_TEST_S3_ENDPOINT is not set: run scripts/test-s3.sh");
const bucket = `kgsync-test-${randomUUID()}`;

const plain = new S3Client({ endpoint, forcePathStyle: true, region: "us-east-1" });
beforeAll(async () => {
  await plain.send(new CreateBucketCommand({ Bucket: bucket }));
});
afterAll(() => plain.destroy());

for (const keptAs of ["mirrored", "bare"] as const) {
  objectStoreConformance(
    `create-only, ${keptAs}, on a real server`,
    async () => {
      const prefix = `${keptAs}/${randomUUID()}`;
      return { open: () => createOnlyOn(storeOn(endpoint, { credentials: undefined, bucket, prefix }), keptAs) };
    },
    { ...FULL, manyObjects: 50 },
  );
}
