import { randomBytes } from "node:crypto";
import type { Random } from "../ports/random.ts";

/** Random numbers of the operating system, by node:crypto. */
export const createNodeRandom = (): Random => ({
  fraction: () => Number(randomBytes(8).readBigUInt64BE() >> 11n) / 2 ** 53, // 53 bits: what a double holds
  id: () => randomBytes(16).toString("hex"),
});
