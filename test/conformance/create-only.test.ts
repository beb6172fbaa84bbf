import { createMemoryBucket, createMemoryObjectStore } from "../../src/adapters/memory-object-store.ts";
import { KgsyncError } from "../../src/core/errors.ts";
import type { ObjectStore, PutOutcome } from "../../src/ports/object-store.ts";
import { createOnlyOn } from "../support/create-only-on.ts";
import { startS3Double } from "../support/s3-double/start-s3-double.ts";
import { storeOn } from "../support/s3-double/store-on.ts";
import { FULL, objectStoreConformance } from "./object-store.ts";

/** What such stores do with `If-Match`. */
const UPDATES: Readonly<Record<string, (update: () => Promise<PutOutcome>) => Promise<PutOutcome>>> = {
  "ignores it": (overwrite) => overwrite(),
  "always says conflict": async () => ({ outcome: "conflict" }),
  "rejects it": () => Promise.reject(new KgsyncError("store-unsafe", "scripted: 501 NotImplemented")),
};

for (const keptAs of ["mirrored", "bare"] as const) {
  for (const [what, answer] of Object.entries(UPDATES)) {
    objectStoreConformance(`create-only, ${keptAs}, on memory that ${what}`, async () => {
      const bucket = createMemoryBucket();
      const open = (): ObjectStore => {
        const memory = createMemoryObjectStore(bucket);
        return createOnlyOn(
          {
            ...memory,
            put: (key, body, mode, options, signal) =>
              mode.mode === "update"
                ? answer(() => memory.put(key, body, { mode: "overwrite" }, options, signal))
                : memory.put(key, body, mode, options, signal),
          },
          keptAs,
        );
      };
      return { open };
    });
  }
  for (const profile of ["create-only-ignores", "create-only-rejects", "create-only-412"] as const) {
    objectStoreConformance(
      `create-only, ${keptAs}, on S3 like ${profile}`,
      async () => {
        const double = await startS3Double({ profile, pageSize: 7 });
        return {
          open: () => createOnlyOn(storeOn(double.endpoint, { prefix: "some/prefix" }), keptAs),
          dispose: double.close,
        };
      },
      { ...FULL, manyObjects: 40 },
    );
  }
}
