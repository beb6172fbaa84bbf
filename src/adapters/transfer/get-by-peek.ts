import { KgsyncError } from "../../core/errors.ts";
import type { ObjectStore } from "../../ports/object-store.ts";

/** `get` of a store whose `peek` brings an object of up to `limit` bytes in one request: without a limit, any. */
export const getByPeek =
  (peek: ObjectStore["peek"]): ObjectStore["get"] =>
  async (key, signal) => {
    const found = await peek(key, Number.POSITIVE_INFINITY, signal);
    if (found === undefined || found.body !== undefined) return found;
    throw new KgsyncError("bug", `an object of ${found.size} bytes came without its body`);
  };
