import { gsStoreOn } from "../support/gcs-double/gs-store-on.ts";
import { startGcsDouble } from "../support/gcs-double/start-gcs-double.ts";
import { FULL, objectStoreConformance } from "./object-store.ts";

for (const prose of [true, false]) {
  objectStoreConformance(
    `Google Cloud Storage, whose 404 ${prose ? "says what is absent" : "says nothing"}`,
    async () => {
      const double = await startGcsDouble({ pageSize: 7, prose });
      return { open: () => gsStoreOn(double.endpoint, { prefix: "some/prefix" }), dispose: double.close };
    },
    { ...FULL, manyObjects: 200 },
  );
}
