import { nothingToTidy, type OpenPlace } from "./opened-store.ts";

/** A folder. */
export const openFile: OpenPlace<"file"> = async ({ path }, { random }) => {
  const { createFileObjectStore } = await import("../../adapters/file-object-store/file-object-store.ts");
  return { store: createFileObjectStore(path, { random }), tidy: nothingToTidy };
};
