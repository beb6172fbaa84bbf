import { stat } from "node:fs/promises";
import type { Clock } from "../../ports/clock.ts";
import { unlessAbsent } from "../node-file-tree/disk-error.ts";
import { askSocket, type SocketReply } from "./ask-socket.ts";
import { createHeartbeatWatch } from "./heartbeat.ts";
import { type OwnerRecord, ownerFile, readOwner } from "./owner-record.ts";
import { whereWeAre } from "./where-we-are.ts";

/** `free`: released, or dead for certain. `unsure`: only more looks at its heartbeat can tell. */
export type Look = { readonly kind: "free" } | { readonly kind: "alive" | "unsure"; readonly holder: string };

const ASK_MS = 1000;

/**
 * Asks an owner one line. Its socket decides only on the same kernel and mount: of a network volume mounted twice on one
 * host each mount has sockets of its own, and a living owner would look dead through the other.
 */
export const askOwner = async (
  folder: string,
  record: OwnerRecord | undefined,
  line: string,
  ms: number,
  clock: Clock,
  signal?: AbortSignal,
): Promise<SocketReply> => {
  if (record === undefined || record.socket === "" || record.boot === "") return { kind: "unsure" };
  const here = await whereWeAre(folder);
  if (record.boot !== here.boot || record.device !== here.device) return { kind: "unsure" };
  return askSocket(folder, record.socket, line, ms, clock, signal);
};

/** Tells whether the owner of a generation lives; remembers its heartbeat from look to look. Throws errno errors. */
export const createLook = (folder: string, clock: Clock): ((generation: number) => Promise<Look>) => {
  const heartbeat = createHeartbeatWatch(folder, clock);
  return async (generation) => {
    if ((await unlessAbsent(() => stat(ownerFile(folder, generation, "released")))) !== undefined)
      return { kind: "free" };
    const record = await readOwner(folder, generation);
    const holder = record?.name ?? "unknown";
    const reply = await askOwner(folder, record, "id", ASK_MS, clock);
    if (reply.kind === "dead") return { kind: "free" };
    if (reply.kind === "answer") return reply.line === record?.id ? { kind: "alive", holder } : { kind: "free" };
    if (reply.kind === "silent") return { kind: "alive", holder };
    const beat = await heartbeat(generation);
    if (beat === "still") return { kind: "free" };
    return { kind: beat === "moved" ? "alive" : "unsure", holder };
  };
};
