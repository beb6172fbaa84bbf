import type { BucketPlace } from "./bucket-place.ts";
import { nameAndPrefix } from "./bucket-prefix.ts";
import type { Parsed } from "./kinds.ts";

// Azure Blob Storage REST, "Naming and Referencing Containers, Blobs, and Metadata": 3 to 63, single dashes between the others.
const CONTAINER = /^(?=.{3,63}$)[a-z0-9]+(?:-[a-z0-9]+)*$/;

/** What stands behind `az://`. The root container `$root` is refused: blobs in it cannot have a slash in their names. */
export const parseAzUrl = (rest: string): Parsed<BucketPlace> => {
  const parsed = nameAndPrefix(rest, CONTAINER, "container name after az:// (the account is in AZURE_STORAGE_ACCOUNT)");
  if ("problem" in parsed) return parsed;
  return { value: { scheme: "az", container: parsed.value.name, prefix: parsed.value.prefix } };
};
