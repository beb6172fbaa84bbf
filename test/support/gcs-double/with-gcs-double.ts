import type { GsOptions } from "../../../src/adapters/gs-object-store/gs-options.ts";
import type { ObjectStore } from "../../../src/ports/object-store.ts";
import { gsStoreOn } from "./gs-store-on.ts";
import { type GcsDouble, type GcsDoubleOptions, startGcsDouble } from "./start-gcs-double.ts";

/** Runs a test on a double and a store on it; both are closed after it, and every fault must have fired. */
export const withGcsDouble = async (
  options: GcsDoubleOptions & { readonly store?: Partial<GsOptions> },
  run: (double: GcsDouble, store: ObjectStore) => Promise<void>,
): Promise<void> => {
  const double = await startGcsDouble(options);
  const store = gsStoreOn(double.endpoint, options.store);
  try {
    await run(double, store);
    double.faults.expectAllPlayed();
  } finally {
    store.close();
    await double.close();
  }
};
