import { closeSync, constants, openSync } from "node:fs";
import { join } from "node:path";

/** sun_path of unix(7), less its final NUL. */
const MAX_PATH_BYTES = 107;

/**
 * A path to the socket that is short enough, good until `done`. A longer one goes through our own descriptor of the
 * folder, which Linux shows below /proc; elsewhere it stays too long, and listening or connecting fails.
 */
export const socketPath = (folder: string, name: string): { readonly path: string; readonly done: () => void } => {
  const path = join(folder, name);
  if (Buffer.byteLength(path) <= MAX_PATH_BYTES) return { path, done: () => undefined };
  const descriptor = openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  let open = true;
  const done = (): void => {
    if (open) closeSync(descriptor);
    open = false;
  };
  return { path: `/proc/self/fd/${descriptor}/${name}`, done };
};
