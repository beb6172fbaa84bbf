import { toKgsyncError } from "../core/errors.ts";
import type { Digest } from "../core/version.ts";
import type { Budget } from "./budget.ts";
import { attemptPut, bodyOf, type Content } from "./content.ts";
import type { Io } from "./io.ts";
import { quarantineKey } from "./keys.ts";

/**
 * Keeps a version that must not become the bucket's graph, whole, under one key of this process. Answers the key, or
 * `undefined` when the bucket did not take it: then the file on disk is the only copy, and the caller says so.
 */
export const quarantine = async (
  io: Io,
  version: { readonly bytes: Content; readonly sha256: Digest },
  budget: Budget,
): Promise<string | undefined> => {
  const key = quarantineKey(io.document, io.writer);
  try {
    const options = { contentType: "application/octet-stream", metadata: { "kgsync-sha256": version.sha256 } };
    const put = await attemptPut(budget, version.bytes, (signal) =>
      io.store.put(key, bodyOf(io, version.bytes), { mode: "overwrite" }, options, signal),
    );
    if (put.outcome !== "stored") return undefined;
    io.log.warn("quarantine.kept", "a version that must not replace the graph is kept aside in the bucket", { key });
    return key;
  } catch (thrown) {
    io.log.warn("quarantine.failed", "a version could not be kept aside in the bucket", {
      key,
      err: toKgsyncError(thrown),
    });
    return undefined;
  }
};
