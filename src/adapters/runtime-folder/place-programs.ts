import { chmodSync, closeSync, fsyncSync, ftruncateSync, openSync, readFileSync, readSync, writeSync } from "node:fs";
import { basename, dirname, join, normalize } from "node:path";
import { elfLoaderRoom } from "../../core/elf-needs.ts";
import { KgsyncError } from "../../core/errors.ts";
import { readElfNeeds } from "./read-elf-needs.ts";

/** The kernel wants the path of what starts a program absolute: of a loader, and of an entry script's shell. */
const PROGRAMS = ["node", "sh"];
const ENTRY = "kgsync";
/** It stands in a shell script without quotes, and in its first line, where Linux reads no more than 256 bytes. */
const PLAIN = /^[\w./+@:=,-]{1,128}$/;

const writeInto = (path: string, write: (file: number) => void): void => {
  const file = openSync(path, "r+");
  try {
    write(file);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
};

const noPlace = (home: string): KgsyncError =>
  new KgsyncError("usage", `kgsync cannot be installed into ${home}: the path is long, or has unusual characters.`, {
    hint: "It stands within the programs: take a path of letters, digits and ._-+@:=, of at most 128 bytes.",
  });

const setLoader = (program: string, loader: string): void =>
  writeInto(program, (file) => {
    const room = elfLoaderRoom((offset, length) => {
      const buffer = Buffer.alloc(length);
      return buffer.subarray(0, readSync(file, buffer, 0, length, offset));
    });
    const path = Buffer.from(loader);
    if (room === undefined || path.length >= room.size) throw noPlace(dirname(dirname(loader)));
    const padded = Buffer.alloc(room.size);
    path.copy(padded);
    writeSync(file, padded, 0, padded.length, room.offset);
  });

/**
 * Makes the programs in `folder`, a copy of a portable folder, start from `home`, where it will lie; and makes them
 * execute-only, so that the app can read neither their memory nor their environment. Throws errno errors, and KgsyncError for
 * a path that cannot be written into them.
 */
export const placePrograms = (folder: string, home: string): void => {
  if (!PLAIN.test(home)) throw noPlace(home);
  const loader = normalize(readElfNeeds(join(folder, "node"))?.loader ?? "");
  for (const name of PROGRAMS) setLoader(join(folder, name), join(home, "lib", basename(loader)));
  const script = readFileSync(join(folder, ENTRY), "utf8").replaceAll(`${dirname(dirname(loader))}/`, `${home}/`);
  writeInto(join(folder, ENTRY), (file) => ftruncateSync(file, writeSync(file, script, 0)));
  for (const name of [...PROGRAMS, "tini"]) chmodSync(join(folder, name), 0o111);
};
