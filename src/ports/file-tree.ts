/** What a file looked like: equal stamps of two moments mean that nobody wrote in between (git's racy rule aside). */
export type Stamp = {
  readonly size: number;
  /** Nanoseconds since the Unix epoch, as decimal text: they do not fit a number. */
  readonly mtimeNs: string;
  readonly ctimeNs: string;
  readonly inode: string;
};

/**
 * `absent`: no such file. `moving`: it changed while it was read, on every try; look again later.
 * `still`: size, mtime and inode were the same before and after the read: these bytes stood on disk together.
 */
export type ReadOutcome =
  | { readonly kind: "absent" }
  | { readonly kind: "moving" }
  | { readonly kind: "still"; readonly bytes: Uint8Array; readonly stamp: Stamp };

/** One regular file below a folder; `name` is relative with `/`. */
export type FoundFile = { readonly name: string; readonly stamp: Stamp };

/** `skipped` names what is not a regular file in a folder we may read (symlink, socket, unreadable), with the reason. */
export type Scan =
  | { readonly kind: "absent" }
  | {
      readonly kind: "found";
      readonly files: readonly FoundFile[];
      readonly skipped: readonly { readonly name: string; readonly why: string }[];
    };

/**
 * Files on disk, as this program writes them: whole or not at all. Paths are absolute.
 * Everything rejects with KgsyncError `disk` (ENOSPC, EACCES, EROFS, EIO …) that names the path and says that the old
 * file is intact; nothing else. A name below a folder is a checked Key; links on the way out of the folder are refused.
 */
export type FileTree = {
  readonly stat: (path: string) => Promise<Stamp | undefined>;
  /** Reads until it stands still, at most a few times. */
  readonly read: (path: string) => Promise<ReadOutcome>;
  /**
   * Replaces or creates the file, whole: temp beside it, fsync, rename, fsync folder. Mode and owner of an existing file
   * are kept, else 0600. Makes missing folders. Where a rename is refused (single-file mount: EBUSY, EXDEV), writes in place
   * through the journal: a crash in it is finished or undone by `recover` before anything reads the file.
   * `passing`: neither fsync; for what is no loss when a power failure leaves it older, empty or torn.
   */
  readonly write: (path: string, bytes: Uint8Array, lasting?: "passing") => Promise<Stamp>;
  /**
   * Replaces a file that a running program may have open, by rename and only if it still is the one of `expected`. What the
   * program writes into the old file from then on nobody sees: look at it for a while.
   */
  readonly swap: (path: string, bytes: Uint8Array, expected: Stamp) => Promise<Swap>;
  /**
   * Makes a new file below `folder`: whole or, also after a power failure, absent. `exists`: a file has the name, and is left as it is. `refused`: a part
   * of the way is a symlink or not a folder.
   */
  readonly createBelow: (folder: string, name: string, bytes: Uint8Array) => Promise<Created>;
  /** Reads `name` below `folder`, never through a symlink. */
  readonly readBelow: (folder: string, name: string) => Promise<ReadOutcome>;
  /** Positioned reads for files that should not be whole in memory; rejects when the file is no longer `stamp`. */
  readonly open: (folder: string, name: string, stamp: Stamp) => Promise<OpenFile>;
  /** All regular files below `folder`, at most `limit` (more: KgsyncError `config-invalid`), temporaries of our own left out. */
  readonly scan: (folder: string, limit: number) => Promise<Scan>;
  /** Removing what is absent is no error. */
  readonly remove: (path: string) => Promise<void>;
  /** Names in a folder (not below it); none when it is absent. */
  readonly names: (folder: string) => Promise<readonly string[]>;
};

/** `changed`: it was another file already, nothing was done. `fixed`: it cannot be renamed over (single-file mount). */
export type Swap =
  | "changed"
  | "fixed"
  | {
      /** What the old file holds by now. May be called again. */
      readonly readOld: () => Promise<ReadOutcome>;
      /** Lets the old file go. */
      readonly close: () => Promise<void>;
    };

export type Created = Stamp | "exists" | { readonly refused: string };

export type OpenFile = {
  readonly size: number;
  /** Into the room that is offered, if it is. */
  readonly read: (offset: number, length: number, into?: Uint8Array) => Promise<Uint8Array>;
  readonly close: () => Promise<void>;
};

/**
 * What was found when a file was looked at after a crash. `finished`: it has the new content; `undone`: the old one. `kept`
 * names a copy of what stood there, when it was neither: somebody wrote it after the crash, so it may be a save.
 */
export type Recovery =
  | { readonly kind: "clean" }
  | { readonly kind: "finished" | "undone"; readonly kept: string | undefined };

/** Finishes or undoes a write in place that a crash cut off; see `FileTree.write`. May be called again at any time. */
export type Recover = (path: string) => Promise<Recovery>;
