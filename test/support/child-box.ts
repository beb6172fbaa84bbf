import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { vi } from "vitest";
import { createSpawn } from "../../src/adapters/execa-child/spawn-child.ts";
import { createSystemClock } from "../../src/adapters/system-clock.ts";
import type { Child } from "../../src/ports/child.ts";
import { environment } from "./environment.ts";

/** The path of a tiny program in test/fixtures. */
export const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));

/** The state letter of proc_pid_stat(5): `T` stopped, `S` asleep, `Z` a zombie; empty when it is gone. */
export const stateOf = (pid: number): string => {
  try {
    return /^State:\s+(\S)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? "";
  } catch {
    return "";
  }
};

/** Whether the process can still run. A zombie cannot; who reaps it is not our matter here. */
export const alive = (pid: number): boolean => !["", "Z", "X"].includes(stateOf(pid));

/**
 * Starts children that share this process' output, in a session of their own. They report into a file (their $REPORT), and
 * tests wait for its lines. What is left at the end is killed.
 */
export const createChildBox = () => {
  const folder = mkdtempSync(join(tmpdir(), "kgsync-child-"));
  const spawn = createSpawn({ clock: createSystemClock(), terminal: { kind: "none" } });
  const children: Child[] = [];
  let count = 0;

  const start = async (argv: readonly [string, ...string[]], cwd?: string) => {
    count += 1;
    const report = join(folder, `report-${count}`);
    const child = await spawn({ argv, cwd, env: { ...environment(), REPORT: report } });
    children.push(child);
    const lines = (): string[] => {
      try {
        return readFileSync(report, "utf8").split("\n").slice(0, -1);
      } catch {
        return []; // nothing reported yet
      }
    };
    const reported = (line: string): Promise<void> =>
      vi.waitFor(
        () => {
          if (!lines().includes(line)) throw new Error(`no line ${JSON.stringify(line)} in ${JSON.stringify(lines())}`);
        },
        { timeout: 30_000, interval: 5 },
      );
    return { ...child, lines, reported };
  };

  const close = async (): Promise<void> => {
    await Promise.all(children.map((child) => child.endGroup(0)));
    rmSync(folder, { recursive: true, force: true });
  };

  return { start, close, folder };
};
