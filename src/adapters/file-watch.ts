import { type FSWatcher, readdirSync, statSync, watch } from "node:fs";
import { basename, dirname, join } from "node:path";
import { KgsyncError } from "../core/errors.ts";
import type { Watch } from "../ports/watch.ts";
import { errnoOf } from "./node-file-tree/disk-error.ts";
import { isTemporary } from "./node-file-tree/temporary.ts";

/** Watches are few for one user, and shared with the app: a folder of more subfolders is left to the timer. */
const MAX_SUBFOLDERS = 256;

const unavailable = (path: string, cause: unknown): KgsyncError => {
  const why = errnoOf(cause) === "ENOSPC" ? "no inotify watches are left" : (errnoOf(cause) ?? "the system refused");
  return new KgsyncError("disk", `cannot watch ${path}: ${why}`, {
    cause,
    hint: "Changes are noticed by the timer instead. Raise fs.inotify.max_user_watches, or lower KGSYNC_INTERVAL.",
  });
};

const subfolders = (folder: string): readonly string[] => {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map((entry) => join(folder, entry.name));
  } catch {
    return [];
  }
};

const isFile = (path: string): boolean => {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
};

/**
 * By inotify(7), one watch per folder and not recursive: Node's recursive mode on Linux opens one per file. The graph is
 * watched through its folder, since a rename replaces the file, and by itself, since writes to a single bind-mounted file are
 * reported to the folder that it lies in on the host and not to ours.
 */
export const watchFiles: Watch = ({ file, folders }, onHint, onUnavailable) => {
  const watchers = new Map<string, FSWatcher>();
  let closed = false;
  let hinted = false;
  let complained = false;

  const hint = (): void => {
    if (hinted) return;
    hinted = true;
    setImmediate(() => {
      hinted = false;
      if (!closed) onHint();
    });
  };
  const complain = (path: string, cause: unknown): void => {
    const vanished = errnoOf(cause) === "ENOENT" && path !== dirname(file);
    if (complained || closed || vanished) return;
    complained = true;
    onUnavailable(unavailable(path, cause));
  };
  const drop = (path: string): void => {
    watchers.get(path)?.close();
    watchers.delete(path);
  };
  const add = (path: string, onChange: (event: string, name: string | null) => void): void => {
    drop(path);
    try {
      const watcher = watch(path, { persistent: false }, (event, name) => {
        if (!closed && watchers.get(path) === watcher) onChange(event, name);
      });
      watcher.on("error", (cause) => {
        drop(path);
        complain(path, cause);
      });
      watchers.set(path, watcher);
    } catch (cause) {
      complain(path, cause);
    }
  };
  const addFile = (): void => {
    if (isFile(file)) add(file, hint); // else it is not there yet, and its folder will tell
  };
  const addSubfolders = (folder: string): void => {
    for (const path of subfolders(folder).slice(0, MAX_SUBFOLDERS)) if (!watchers.has(path)) add(path, onFolder(path));
  };
  const onFolder = (folder: string) => (event: string, name: string | null) => {
    if (name !== null && isTemporary(name)) return;
    hint();
    // A subfolder that was removed would keep a dead watch, and one of the same name would get none.
    if (event === "rename" && name !== null) drop(join(folder, name));
    if (event === "rename" && folders.includes(folder)) addSubfolders(folder);
  };

  const addFolder = (folder: string): void => {
    add(folder, onFolder(folder));
    addSubfolders(folder);
  };

  add(dirname(file), (event, name) => {
    // The app makes its backups folder with the first backup; one elsewhere than beside the graph is left to the timer.
    const made = folders.find((folder) => dirname(folder) === dirname(file) && basename(folder) === name);
    if (event === "rename" && made !== undefined) addFolder(made);
    if (made === undefined && name !== null && name !== basename(file)) return;
    if (event === "rename") addFile();
    hint();
  });
  addFile();
  for (const folder of folders) addFolder(folder);
  return {
    close: () => {
      closed = true;
      for (const path of [...watchers.keys()]) drop(path);
    },
  };
};
