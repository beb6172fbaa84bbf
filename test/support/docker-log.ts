import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { docker } from "./docker.ts";

const startedAt = (id: string): Promise<string> => docker("inspect", "--format", "{{.State.StartedAt}}", id);

/**
 * The first line that matches, of those that the container has written, on either stream, since it was last started, or that
 * it will write. Rejects with the whole log when the container ends without it.
 */
export const awaitLine = async (id: string, pattern: RegExp): Promise<string> => {
  const follow = spawn("docker", ["logs", "--follow", "--since", await startedAt(id), id], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const seen: string[] = [];
  try {
    return await new Promise((resolve, reject) => {
      const look = (line: string): void => {
        seen.push(line);
        if (pattern.test(line)) resolve(line);
      };
      for (const input of [follow.stdout, follow.stderr]) createInterface({ input }).on("line", look);
      follow.once("error", reject);
      follow.once("close", () => reject(new Error(`ended without a line like ${pattern}:\n${seen.join("\n")}`)));
    });
  } finally {
    follow.kill();
  }
};
