import { writeFile } from "node:fs/promises";
import type { OwnedLock } from "../../ports/owner-lock.ts";
import { onDisk } from "../node-file-tree/disk-error.ts";
import { claimGeneration, removeOlder } from "./claim-generation.ts";
import { startHeartbeat } from "./heartbeat.ts";
import type { OwnerLockOptions } from "./owner-lock.ts";
import { generations, ownerFile, readOwner } from "./owner-record.ts";
import { type Answer, serveSocket } from "./serve-socket.ts";
import { whereWeAre } from "./where-we-are.ts";

/** Claims a generation and holds it: socket, heartbeat, release. `undefined` when a rival was first. Throws errno errors. */
export const holdGeneration = async (options: OwnerLockOptions, generation: number): Promise<OwnedLock | undefined> => {
  const { folder, name, clock, random } = options;
  const id = random.id();
  const socket = `owner-${id.slice(0, 12)}.sock`;
  const answer: Answer = async (line) => (line === "id" ? id : ((await options.answer?.(line)) ?? "unknown"));
  const server = await serveSocket(folder, socket, answer, clock); // before the name: whoever sees it can ask at once
  let won = false;
  try {
    const record = { id, name, ...(await whereWeAre(folder)), socket: server === undefined ? "" : socket };
    won = await claimGeneration(folder, generation, record);
  } finally {
    if (!won) server?.close();
  }
  if (!won) return undefined;
  const beat = await startHeartbeat(folder, generation, id, clock);
  await removeOlder(folder, generation);
  // The id too: numbers begin again when somebody deletes the folder, and then the same number may be another's.
  const isHighest = async (): Promise<boolean> =>
    (await generations(folder)).at(-1) === generation && (await readOwner(folder, generation))?.id === id;
  const leave = async (): Promise<void> => {
    beat.stop();
    // Said before the socket closes; only while it is ours, or the mark would wait for a later owner of this number.
    if (await isHighest().catch(() => false))
      await writeFile(ownerFile(folder, generation, "released"), "").catch(() => undefined);
    server?.close();
  };
  let left: Promise<void> | undefined;
  return {
    id,
    stillOurs: () => onDisk("lock", folder, async () => left === undefined && (await isHighest())),
    release: () => {
      left ??= leave();
      return left;
    },
  };
};
