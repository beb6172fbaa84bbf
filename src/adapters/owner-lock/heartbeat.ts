import { open, readFile } from "node:fs/promises";
import type { Clock } from "../../ports/clock.ts";
import { unlessAbsent } from "../node-file-tree/disk-error.ts";
import { ownerFile } from "./owner-record.ts";

/** How often an owner moves its heartbeat. */
const BEAT_MS = 10_000;

/** How long a heartbeat must be seen standing still, on the looker's own clock, before its owner counts as dead. */
export const STILL_MS = 30_000;

const write = async (path: string, text: string, flags: "w" | "r+"): Promise<void> => {
  const file = await open(path, flags, 0o600);
  try {
    await file.write(text, 0); // same length, in place: needs no space on a full disk
  } finally {
    await file.close();
  }
};

/**
 * Moves the heartbeat of our generation until `stop`. A beat that cannot be written is left out: if it matters, a rival takes
 * over, and `stillOurs` says so before our next write.
 */
export const startHeartbeat = async (folder: string, generation: number, id: string, clock: Clock) => {
  const path = ownerFile(folder, generation, "beat");
  let count = 0;
  let stopped = false;
  let cancel = (): void => undefined;
  const text = (): string => `${id} ${String(count++).padStart(12, "0")}\n`;
  const rearm = (): void => {
    if (!stopped) cancel = clock.after(BEAT_MS, () => void write(path, text(), "r+").then(rearm, rearm));
  };
  await write(path, text(), "w").catch(() => undefined);
  rearm();
  return {
    stop: () => {
      stopped = true;
      cancel();
    },
  };
};

/**
 * Watches one heartbeat at a time. `moved`: it changed since the last look. `still`: it stood for the whole time, the time
 * counted from our first look at it. `watching`: too early to tell.
 */
export const createHeartbeatWatch = (folder: string, clock: Clock) => {
  let seen: { readonly generation: number; readonly beat: string; readonly since: number } | undefined;
  return async (generation: number): Promise<"moved" | "still" | "watching"> => {
    const beat = (await unlessAbsent(() => readFile(ownerFile(folder, generation, "beat"), "utf8"))) ?? "";
    const { mono } = clock.now();
    if (seen?.generation === generation && seen.beat === beat)
      return mono - seen.since >= STILL_MS ? "still" : "watching";
    const moved = seen?.generation === generation;
    seen = { generation, beat, since: mono };
    return moved ? "moved" : "watching";
  };
};
