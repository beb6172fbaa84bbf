import { link, open, unlink } from "node:fs/promises";
import { join } from "node:path";
import { errnoOf, unlessAbsent } from "../node-file-tree/disk-error.ts";
import { temporaryName } from "../node-file-tree/temporary.ts";
import { encodeOwner, generations, type OwnerRecord, ownerFile, readOwner } from "./owner-record.ts";

/** File systems without hard links (some FUSE, SMB). */
const NO_LINKS: ReadonlySet<string | undefined> = new Set(["EPERM", "ENOSYS", "ENOTSUP", "EOPNOTSUPP", "EMLINK"]);

const create = async (path: string, text: string): Promise<void> => {
  const file = await open(path, "wx", 0o600);
  try {
    await file.writeFile(text); // no fsync: a power failure that loses it has ended its owner too
  } finally {
    await file.close();
  }
};

/** link(2) makes the name with its content or fails; on NFS a lost answer of a link that was made reads as EEXIST. */
const publish = async (folder: string, generation: number, record: OwnerRecord): Promise<boolean> => {
  const path = ownerFile(folder, generation);
  const temporary = join(folder, temporaryName());
  await create(temporary, encodeOwner(record));
  try {
    await link(temporary, path);
    return true;
  } catch (cause) {
    if (errnoOf(cause) === "EEXIST") return (await readOwner(folder, generation))?.id === record.id;
    if (errnoOf(cause) === "ENOENT") return false; // swept away by the rival who won
    if (!NO_LINKS.has(errnoOf(cause))) throw cause;
    return await createExclusive(path, encodeOwner(record));
  } finally {
    await unlessAbsent(() => unlink(temporary));
  }
};

const createExclusive = async (path: string, text: string): Promise<boolean> => {
  try {
    await create(path, text);
    return true;
  } catch (cause) {
    if (errnoOf(cause) === "EEXIST") return false;
    throw cause;
  }
};

/**
 * Makes the next generation ours, if nobody else was first. A rival that slept since it looked may make a generation that
 * others have already passed and cleaned away: so the winner is who made a name *and* then sees that it is the highest.
 * Nobody's file is ever renamed or removed to get there. Throws errno errors.
 */
export const claimGeneration = async (folder: string, generation: number, record: OwnerRecord): Promise<boolean> => {
  if (!(await publish(folder, generation, record))) return false;
  if ((await generations(folder)).at(-1) === generation) return true;
  await unlessAbsent(() => unlink(ownerFile(folder, generation)));
  return false;
};

/** Removes what generations before ours left behind, the oldest first: they are dead or released. Never fails. */
export const removeOlder = async (folder: string, generation: number): Promise<void> => {
  try {
    for (const older of (await generations(folder)).filter((each) => each < generation)) {
      const socket = (await readOwner(folder, older))?.socket ?? "";
      const companions = [ownerFile(folder, older, "beat"), ownerFile(folder, older, "released")];
      const left = socket === "" ? companions : [...companions, join(folder, socket)];
      for (const path of [...left, ownerFile(folder, older)]) await unlessAbsent(() => unlink(path));
    }
  } catch {
    // litter that the next owner removes
  }
};
