import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFileObjectStore } from "../../src/adapters/file-object-store/file-object-store.ts";
import { createNodeRandom } from "../../src/adapters/node-random.ts";
import { objectStoreConformance } from "./object-store.ts";

objectStoreConformance("file", async () => {
  const folder = await mkdtemp(join(tmpdir(), "kgsync-file-store-"));
  const random = createNodeRandom();
  return {
    open: () => createFileObjectStore(join(folder, "bucket"), { random }),
    dispose: () => rm(folder, { recursive: true }),
  };
});
