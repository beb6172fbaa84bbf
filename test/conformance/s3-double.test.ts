import { startS3Double } from "../support/s3-double/start-s3-double.ts";
import { storeOn } from "../support/s3-double/store-on.ts";
import { FULL, objectStoreConformance } from "./object-store.ts";

for (const profile of ["aws", "bare-etag", "ceph16"] as const) {
  objectStoreConformance(
    `S3, a server like ${profile}`,
    async () => {
      const double = await startS3Double({ profile, pageSize: 7 });
      return { open: () => storeOn(double.endpoint, { prefix: "some/prefix" }), dispose: double.close };
    },
    { ...FULL, manyObjects: 200 },
  );
}
