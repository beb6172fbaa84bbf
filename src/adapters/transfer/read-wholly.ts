import type { ObjectStore } from "../../ports/object-store.ts";
import { unlessAborted } from "./unless-aborted.ts";

const PIECE = 1 << 20;

/** `peek` and `fetch` of a store that has an object in memory in any case. */
export const readWholly = (get: ObjectStore["get"]): Pick<ObjectStore, "peek" | "fetch"> => ({
  peek: async (key, limit, signal) => {
    const found = await get(key, signal);
    return found === undefined || found.size <= limit ? found : { ...found, body: undefined };
  },
  fetch: async (key, { etag, size }, target, signal) => {
    const found = await get(key, signal);
    if (found === undefined || found.etag !== etag || found.size !== size) return "changed";
    for (let at = 0; at < size; at += PIECE)
      await unlessAborted(target(at, found.body.subarray(at, at + PIECE)), signal);
    return "whole";
  },
});
