import { readFileSync } from "node:fs";

/** Programs that start one other, pass signals on to it, and reap what it leaves. The first is also Docker's and Debian's. */
const INITS: ReadonlySet<string> = new Set(["tini", "tini-static", "docker-init", "dumb-init", "catatonit"]);

/** Whether the process is such an init, by its name. */
export const isInit = (pid: number): boolean => {
  try {
    return INITS.has(readFileSync(`/proc/${pid}/comm`, "utf8").trim());
  } catch {
    return false; // it has ended, or is nobody that we may see
  }
};
