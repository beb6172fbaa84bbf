import { join, normalize } from "node:path";
import { readElfNeeds } from "./read-elf-needs.ts";

/** Whether this Node comes with its own loader, and so its own C library, in the bundle's folder (the image's target `dist`). */
export const isPortable = (bundle: string, node: string): boolean =>
  node === join(bundle, "node") && normalize(readElfNeeds(node)?.loader ?? "").startsWith(join(bundle, "lib/"));
