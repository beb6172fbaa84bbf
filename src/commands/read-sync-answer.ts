import type { SyncAnswer } from "../app/sync-desk.ts";

/** What a running kgsync, which may be of another version, has answered; `undefined` when it makes no sense here. */
export const readSyncAnswer = (value: unknown): SyncAnswer | undefined => {
  const fields = new Map<string, unknown>(typeof value === "object" && value !== null ? Object.entries(value) : []);
  const [kind, graph, backups, why] = ["kind", "graph", "backups", "why"].map((name) => fields.get(name));
  if ((kind === "unsafe" || kind === "refused") && typeof why === "string") return { kind, why };
  if (kind !== "done" || typeof backups !== "number") return undefined;
  return graph === "clean" || graph === "stored" || graph === "merged" ? { kind, graph, backups } : undefined;
};
