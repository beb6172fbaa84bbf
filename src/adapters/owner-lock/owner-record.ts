import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { unlessAbsent } from "../node-file-tree/disk-error.ts";

/** What an owner says of itself. `boot` and `device` tell whether its socket can be judged from here. */
export type OwnerRecord = {
  readonly id: string;
  /** For messages only. */
  readonly name: string;
  /** The kernel's boot id; empty when it has none. */
  readonly boot: string;
  /** The device number of the state folder, as the owner's mount shows it. */
  readonly device: string;
  /** The socket's name in the state folder; empty when none could be made. */
  readonly socket: string;
};

const FORMAT = 1;
const OWNER = /^owner\.([1-9][0-9]{0,14})$/;

/** The file of one generation, `part` being one of its companions. */
export const ownerFile = (folder: string, generation: number, part?: "beat" | "released"): string =>
  join(folder, part === undefined ? `owner.${generation}` : `owner.${generation}.${part}`);

/** The generations there are, in rising order; none when the folder is absent. */
export const generations = async (folder: string): Promise<readonly number[]> => {
  const names = (await unlessAbsent(() => readdir(folder))) ?? [];
  const found = names.map((name) => OWNER.exec(name)?.[1]).filter((text) => text !== undefined);
  return found.map(Number).sort((a, b) => a - b);
};

/** The record's file content. */
export const encodeOwner = (record: OwnerRecord): string => `${JSON.stringify({ format: FORMAT, ...record })}\n`;

const decodeOwner = (text: string): OwnerRecord | undefined => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  const fields = new Map<string, unknown>(typeof parsed === "object" && parsed !== null ? Object.entries(parsed) : []);
  const get = (name: string): string => {
    const value = fields.get(name);
    return typeof value === "string" ? value : "";
  };
  if (fields.get("format") !== FORMAT || get("id") === "") return undefined;
  return { id: get("id"), name: get("name"), boot: get("boot"), device: get("device"), socket: get("socket") };
};

/** The record of a generation; `undefined` when it is gone or cannot be understood (a newer kgsync's): ask its heartbeat. */
export const readOwner = async (folder: string, generation: number): Promise<OwnerRecord | undefined> => {
  const text = await unlessAbsent(() => readFile(ownerFile(folder, generation), "utf8"));
  return text === undefined ? undefined : decodeOwner(text);
};
