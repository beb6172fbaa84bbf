import {
  chmodSync,
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { createNodeFileTree } from "../../src/adapters/node-file-tree/node-file-tree.ts";
import { createRecover } from "../../src/adapters/node-file-tree/recover.ts";
import { faultyDisk } from "../support/faulty-disk.ts";
import { createMemoryFileTree } from "../support/memory-file-tree.ts";
import { tempDir } from "../support/temp-dir.ts";
import { testFileTree } from "./file-tree.ts";

testFileTree("node:fs", () => {
  const folder = tempDir();
  const mounts = new Set<string>();
  const { disk } = faultyDisk(({ name, path }) => (name === "rename" && mounts.has(path) ? "EBUSY" : undefined));
  const options = { journalFolder: join(folder, "state", "journal"), disk };
  return {
    tree: createNodeFileTree(options),
    recover: createRecover(options),
    root: join(folder, "root"),
    mount: (path) => void mounts.add(path),
    app: {
      write: (path, bytes, mode = 0o600) => {
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, bytes);
        chmodSync(path, mode);
      },
      read: (path) => readFileSync(path),
      open: (path) => {
        const file = openSync(path, "r+");
        return (bytes) => {
          ftruncateSync(file);
          writeSync(file, bytes, 0, bytes.length, 0);
          closeSync(file);
        };
      },
      mode: (path) => statSync(path).mode & 0o777,
      link: (path, to) => {
        mkdirSync(dirname(path), { recursive: true });
        symlinkSync(to, path);
      },
      folder: (path) => void mkdirSync(path, { recursive: true }),
    },
  };
});

testFileTree("memory", () => {
  const { tree, recover, mount, app } = createMemoryFileTree();
  return { tree, recover, root: "/root", mount, app };
});
