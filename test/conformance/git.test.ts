import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { initBare, startGitServer } from "../support/git-server.ts";
import { gitStoreAt } from "../support/git-store.ts";
import { objectStoreConformance } from "./object-store.ts";

const PASSWORD = "a password: with $igns & \"quotes\" 'in' it";

const newFolder = (): string => mkdtempSync(join(tmpdir(), "kgsync-git-store-"));

// A repository is no place for thousands of writes: fewer objects than a page of S3 has.
objectStoreConformance(
  "git+file",
  async () => {
    const folder = newFolder();
    const url = `file://${initBare(folder)}`;
    return { open: () => gitStoreAt(url, folder), dispose: () => rm(folder, { recursive: true }) };
  },
  { manyObjects: 200, largeBytes: 6 * 1024 * 1024, increments: 6 },
);

// The body is more than what git sends at once (http.postBuffer), so that it goes in chunks.
objectStoreConformance(
  "git+http, git's own server",
  async () => {
    const folder = newFolder();
    initBare(folder);
    const server = await startGitServer(folder, PASSWORD);
    return {
      open: () =>
        gitStoreAt(`${server.url}/state.git`, folder, { token: () => ({ user: "any name", token: PASSWORD }) }),
      dispose: async () => {
        await server.close();
        await rm(folder, { recursive: true });
      },
    };
  },
  { manyObjects: 60, largeBytes: 2 * 1024 * 1024, increments: 3 },
);
