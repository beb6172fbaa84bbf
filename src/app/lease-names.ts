import type { Io } from "./io.ts";

const FORMAT = 1;
/** Lives that ended in the middle of an acquisition leave a name each; more than some do not in a row. */
const MAX_NAMES = 8;

/**
 * The names under which earlier lives of this container may hold the lease: `lease.json` in the state folder. They count
 * because the owner lock is ours, so those lives are over; a container that is started again does not wait for itself.
 */
export const earlierNames = async (io: Pick<Io, "files" | "paths">): Promise<readonly string[]> => {
  const read = await io.files.read(path(io));
  if (read.kind !== "still") return [];
  try {
    const raw: unknown = JSON.parse(new TextDecoder().decode(read.bytes));
    if (typeof raw !== "object" || raw === null || !("names" in raw) || !Array.isArray(raw.names)) return [];
    return raw.names.filter((name: unknown) => typeof name === "string");
  } catch {
    return []; // a damaged file counts as none: we wait, as anybody else does
  }
};

/** Before the first write of the lease: after a crash between the two, the next life still knows its own. */
export const rememberName = async (
  io: Pick<Io, "files" | "paths" | "writer">,
  earlier: readonly string[],
): Promise<void> => {
  const names = [...new Set([io.writer, ...earlier])].slice(0, MAX_NAMES);
  await io.files.write(path(io), new TextEncoder().encode(`${JSON.stringify({ format: FORMAT, names })}\n`));
};

const path = ({ paths }: Pick<Io, "paths">): string => `${paths.state}/lease.json`;
