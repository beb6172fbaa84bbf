import type { BucketPlace } from "../../config/bucket-place.ts";
import type { Config } from "../../config/schema.ts";
import type { ObjectStore, StoreTraits } from "../../ports/object-store.ts";
import type { Program } from "../program.ts";

/** `tidy` removes what an earlier run may have left half uploaded; nothing waits for it. */
export type OpenedStore = {
  readonly store: ObjectStore;
  readonly tidy: (signal: AbortSignal) => Promise<number>;
  readonly traits?: StoreTraits;
};

/** Loads the client of one scheme, and opens the bucket without sending anything. Rejects with KgsyncError. */
export type OpenPlace<Scheme extends BucketPlace["scheme"]> = (
  place: Extract<BucketPlace, { scheme: Scheme }>,
  program: Program,
  config: Config,
) => Promise<OpenedStore>;

/** For stores in which nothing half uploaded stays. */
export const nothingToTidy = async (): Promise<number> => 0;
