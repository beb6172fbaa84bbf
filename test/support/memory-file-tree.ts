import { basename, dirname, resolve } from "node:path";
import { type DiskVerb, diskError, errnoError } from "../../src/adapters/node-file-tree/disk-error.ts";
import { isCutOff } from "../../src/adapters/node-file-tree/journal.ts";
import { isTemporary } from "../../src/adapters/node-file-tree/temporary.ts";
import { KgsyncError } from "../../src/core/errors.ts";
import { keyProblem } from "../../src/core/key.ts";
import type { FileTree, ReadOutcome, Recover, Scan, Stamp, Swap } from "../../src/ports/file-tree.ts";

type Entry =
  | { kind: "file"; bytes: Uint8Array; mode: number; stamp: Stamp }
  | { kind: "folder" }
  | { kind: "link"; to: string };

/**
 * What happens to the `nth` call (from now, default 1) of one kind, of a path that ends with `path` if given. An errno name
 * rejects, nothing done. `moving`: the read never stands still. `crash-before` and `crash-after` end the process around a
 * write; `crash-within` in the middle of a write in place. Until `restart` every call rejects then, with no KgsyncError:
 * a dead process reports nothing.
 */
export type TreeFault = {
  readonly on: "read" | "write" | "scan" | "remove";
  readonly path?: string;
  readonly nth?: number;
  readonly what: "moving" | "crash-before" | "crash-after" | "crash-within" | (string & {});
};

const KIND_OF: Readonly<Record<string, DiskVerb>> = { read: "read", write: "write", scan: "list", remove: "remove" };

/** The FileTree port in memory, with the app's side, faults and crashes under the test's control. */
export const createMemoryFileTree = () => {
  const entries = new Map<string, Entry>([["/", { kind: "folder" }]]);
  const mounts = new Set<string>();
  const journals = new Map<string, { old: Uint8Array; fresh: Uint8Array }>();
  const faults: { fault: TreeFault; left: number }[] = [];
  /** Files that lost their name while somebody has them open. */
  const orphans = new Map<string, Uint8Array>();
  const counts = { read: 0, write: 0, scan: 0, remove: 0 };
  let ticks = 1_000_000;
  let inodes = 1;
  let dead = false;

  const crash = (): never => {
    dead = true;
    throw new Error("crashed");
  };
  const fail = (verb: DiskVerb, path: string, errno: string): never => {
    throw diskError(verb, path, errnoError(errno, path));
  };
  const draw = (on: TreeFault["on"], path: string): TreeFault["what"] | undefined => {
    if (dead) throw new Error("crashed");
    counts[on] += 1;
    for (const each of faults.filter(({ fault }) => fault.on === on && path.endsWith(fault.path ?? ""))) {
      each.left -= 1;
      if (each.left > 0) continue;
      faults.splice(faults.indexOf(each), 1);
      const { what } = each.fault;
      if (what === "crash-before") crash();
      if (!what.startsWith("crash") && what !== "moving") fail(KIND_OF[on] ?? "read", path, what);
      return what;
    }
    return undefined;
  };
  const makeFolders = (verb: DiskVerb, folder: string): void => {
    const found = entries.get(folder);
    if (found?.kind === "folder") return;
    if (found !== undefined) fail(verb, folder, "ENOTDIR");
    makeFolders(verb, dirname(folder));
    entries.set(folder, { kind: "folder" });
  };
  const follow = (path: string): string => {
    const found = entries.get(path);
    return found?.kind === "link" ? follow(resolve(dirname(path), found.to)) : path;
  };
  const fileAt = (verb: DiskVerb, path: string) => {
    const found = entries.get(path);
    if (found?.kind === "folder") return fail(verb, path, "EISDIR");
    return found?.kind === "file" ? found : undefined;
  };
  const set = (path: string, bytes: Uint8Array, inode: string, mode: number): Stamp => {
    const at = String(++ticks * 1_000_000);
    const stamp = { size: bytes.length, mtimeNs: at, ctimeNs: at, inode };
    entries.set(path, { kind: "file", bytes: Uint8Array.from(bytes), mode, stamp });
    return stamp;
  };
  const put = (path: string, bytes: Uint8Array): Stamp => {
    const fault = draw("write", path);
    const old = fileAt("write", path);
    makeFolders("write", dirname(path));
    if (old !== undefined && mounts.has(path)) {
      journals.set(path, { old: old.bytes, fresh: Uint8Array.from(bytes) });
      const half = Math.floor(bytes.length / 2);
      set(path, Buffer.concat([bytes.subarray(0, half), old.bytes.subarray(half)]), old.stamp.inode, old.mode);
      if (fault === "crash-within") crash();
      journals.delete(path);
    } else if (fault === "crash-within") crash();
    const inode = mounts.has(path) && old !== undefined ? old.stamp.inode : String(++inodes);
    const stamp = set(path, bytes, inode, old?.mode ?? 0o600);
    if (fault === "crash-after") crash();
    return stamp;
  };
  const take = (path: string): ReadOutcome => {
    const moving = draw("read", path) === "moving";
    const found = fileAt("read", path);
    if (found === undefined) return { kind: "absent" };
    return moving ? { kind: "moving" } : { kind: "still", bytes: Uint8Array.from(found.bytes), stamp: found.stamp };
  };
  /** Why the way below is refused, or `undefined`. */
  const refusal = (folder: string, name: string): string | undefined => {
    const problem = keyProblem(name);
    if (problem !== undefined) return `the name ${problem}`;
    if (name.split("/").some(isTemporary)) return "the name is one that kgsync gives its temporary files";
    const parts = name.split("/");
    for (const [index] of parts.entries()) {
      const path = `${folder}/${parts.slice(0, index + 1).join("/")}`;
      const kind = entries.get(path)?.kind;
      if (kind === "link") return `${path} is a symbolic link`;
      if (kind === (index < parts.length - 1 ? "file" : "folder")) return `${path} is not what it should be`;
    }
    return undefined;
  };
  const alive = async <T>(act: () => T): Promise<T> => {
    if (dead) throw new Error("crashed");
    return act();
  };
  const changed = (path: string): KgsyncError => new KgsyncError("disk", `${path} changed while it was being read`);
  const scanBelow = (folder: string, limit: number): Scan => {
    draw("scan", folder);
    const root = follow(folder);
    if (entries.get(root)?.kind === "file") fail("list", folder, "ENOTDIR");
    if (!entries.has(root)) return { kind: "absent" };
    const below = [...entries].filter(([path]) => path.startsWith(`${root}/`) && !path.split("/").some(isTemporary));
    const named = below.map(([path, entry]) => ({ name: path.slice(root.length + 1), entry }));
    named.sort((a, b) => (a.name < b.name ? -1 : 1));
    if (named.length > limit) throw new KgsyncError("config-invalid", `${folder} holds more than ${limit} files`);
    return {
      kind: "found",
      files: named.flatMap(({ name, entry }) => (entry.kind === "file" ? [{ name, stamp: entry.stamp }] : [])),
      skipped: named.flatMap(({ name, entry }) => (entry.kind === "link" ? [{ name, why: "is a symbolic link" }] : [])),
    };
  };

  const tree: FileTree = {
    stat: (path) => alive(() => fileAt("look at", follow(path))?.stamp),
    read: (path) => alive(() => take(follow(path))),
    write: (path, bytes) => alive(() => put(follow(path), bytes)),
    swap: (path, bytes, expected) =>
      alive((): Swap => {
        const target = follow(path);
        const old = fileAt("write", target);
        if (old === undefined || old.stamp.mtimeNs !== expected.mtimeNs || old.stamp.inode !== expected.inode)
          return "changed";
        if (mounts.has(target)) return "fixed";
        orphans.set(old.stamp.inode, old.bytes);
        put(target, bytes);
        return {
          readOld: () =>
            alive(() => {
              const now = orphans.get(old.stamp.inode) ?? old.bytes;
              return { kind: "still", bytes: Uint8Array.from(now), stamp: old.stamp };
            }),
          close: async () => void orphans.delete(old.stamp.inode),
        };
      }),
    createBelow: (folder, name, bytes) =>
      alive(() => {
        const refused = refusal(follow(folder), name);
        if (refused !== undefined) return { refused };
        const path = `${follow(folder)}/${name}`;
        return fileAt("look at", path) === undefined ? put(path, bytes) : "exists";
      }),
    readBelow: (folder, name) =>
      alive(() =>
        refusal(follow(folder), name) === undefined ? take(`${follow(folder)}/${name}`) : { kind: "absent" },
      ),
    open: (folder, name, stamp) =>
      alive(() => {
        const path = `${follow(folder)}/${name}`;
        const check = (): Uint8Array => {
          const now = refusal(follow(folder), name) === undefined ? fileAt("read", path) : undefined;
          if (now?.stamp.mtimeNs !== stamp.mtimeNs || now.stamp.inode !== stamp.inode) throw changed(path);
          return now.bytes;
        };
        check();
        draw("read", path);
        return {
          size: stamp.size,
          read: (offset, length) => alive(() => check().slice(offset, offset + length)),
          close: async () => undefined,
        };
      }),
    scan: (folder, limit) => alive(() => scanBelow(folder, limit)),
    remove: (path) =>
      alive(() => {
        const fault = draw("remove", path);
        fileAt("remove", path);
        entries.delete(path);
        if (fault === "crash-after") crash();
      }),
    names: (folder) =>
      alive(() => {
        const root = follow(folder);
        if (entries.get(root)?.kind === "file") fail("list", folder, "ENOTDIR");
        const paths = [...entries.keys()].filter((path) => dirname(path) === root && path !== "/");
        return paths.map((path) => basename(path)).sort();
      }),
  };
  const recover: Recover = (path) =>
    alive(() => {
      const journal = journals.get(path);
      const found = fileAt("recover", path);
      if (journal === undefined) return { kind: "clean" };
      const leftover = found === undefined || isCutOff(found.bytes, journal.old, journal.fresh);
      const kept = leftover ? undefined : `${dirname(path)}/.kgsync/journal/${basename(path)}.found`;
      if (kept !== undefined && found !== undefined) {
        makeFolders("recover", dirname(kept));
        set(kept, found.bytes, String(++inodes), 0o600);
      }
      set(path, journal.fresh, found?.stamp.inode ?? String(++inodes), found?.mode ?? 0o600);
      journals.delete(path);
      return { kind: "finished", kept };
    });

  return {
    tree,
    recover,
    /** How often the files were touched: idle must cost nothing. */
    counts,
    /** Adds to the script. */
    fault: (fault: TreeFault): void => void faults.push({ fault, left: fault.nth ?? 1 }),
    /** What of the script has not happened: a test ends by expecting none. */
    unplayed: (): readonly TreeFault[] => faults.map(({ fault }) => fault),
    /** A new process on the same disk. */
    restart: (): void => {
      dead = false;
    },
    /** From now on the file is a mount point: it is written in place. */
    mount: (path: string): void => void mounts.add(path),
    /** What the app or a person does. Writes in place, as the app does. */
    app: {
      write: (path: string, bytes: Uint8Array, mode = 0o600): void => {
        const old = entries.get(path);
        makeFolders("write", dirname(path));
        if (old?.kind === "file") set(path, bytes, old.stamp.inode, old.mode);
        else set(path, bytes, String(++inodes), mode);
      },
      /** Opens the file for a save; what is written then goes to that file, whatever has its name by then. */
      open: (path: string) => {
        const old = entries.get(path);
        if (old?.kind !== "file") throw new Error(`no file: ${path}`);
        const { inode } = old.stamp;
        return (bytes: Uint8Array): void => {
          const now = entries.get(path);
          if (now?.kind === "file" && now.stamp.inode === inode) set(path, bytes, inode, now.mode);
          else orphans.set(inode, Uint8Array.from(bytes));
        };
      },
      read: (path: string): Uint8Array | undefined => {
        const found = entries.get(follow(path));
        return found?.kind === "file" ? found.bytes : undefined;
      },
      mode: (path: string): number | undefined => {
        const found = entries.get(follow(path));
        return found?.kind === "file" ? found.mode : undefined;
      },
      link: (path: string, to: string): void => {
        makeFolders("write", dirname(path));
        entries.set(path, { kind: "link", to });
      },
      folder: (path: string): void => makeFolders("write", path),
      remove: (path: string): void => void entries.delete(path),
    },
  };
};
