import { readFile, stat, statfs } from "node:fs/promises";

/** OVERLAYFS_SUPER_MAGIC of statfs(2): the container's own layer. */
const OVERLAY = 0x794c7630;

/**
 * The boot id and device number that say whether two processes see one kernel and one mount of the folder. An overlay gets
 * a new number each time that its container starts, and is never mounted twice: it counts as one device.
 */
export const whereWeAre = async (folder: string): Promise<{ readonly boot: string; readonly device: string }> => {
  const boot = await readFile("/proc/sys/kernel/random/boot_id", "utf8").catch(() => "");
  const overlay = (await statfs(folder)).type === OVERLAY;
  return { boot: boot.trim(), device: overlay ? "overlay" : String((await stat(folder, { bigint: true })).dev) };
};
