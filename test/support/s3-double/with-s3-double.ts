import type { S3ObjectStore, S3Options } from "../../../src/adapters/s3-object-store/s3-options.ts";
import { type S3Double, type S3DoubleOptions, startS3Double } from "./start-s3-double.ts";
import { storeOn } from "./store-on.ts";

/** Runs a test on a double and a store on it; both are closed after it, and every fault must have fired. */
export const withS3Double = async (
  options: S3DoubleOptions & { readonly store?: Partial<S3Options> },
  run: (double: S3Double, store: S3ObjectStore) => Promise<void>,
): Promise<void> => {
  const double = await startS3Double(options);
  const store = storeOn(double.endpoint, options.store);
  try {
    await run(double, store);
    double.faults.expectAllPlayed();
  } finally {
    store.close();
    await double.close();
  }
};
