import { checkDocument } from "../core/check-document.ts";
import { KgsyncError } from "../core/errors.ts";
import type { GraphCheck } from "../core/graph.ts";
import { shortDigest } from "../core/metadata.ts";
import { emptyState, type State } from "../core/state.ts";
import { formatState, parseState } from "../core/state-format.ts";
import type { Digest } from "../core/version.ts";
import type { LargeFile } from "../ports/large-files.ts";
import { type Content, sizeOf, writeContent } from "./content.ts";
import type { Io } from "./io.ts";

/** The book-keeping on disk, and the copy of it that counts while we own the files. */
export type StateFolder = {
  readonly current: () => State;
  /** On disk, whole, before it counts in memory. */
  readonly replace: (next: State) => Promise<void>;
  /** Looks at bytes as the document whose state this is. */
  readonly check: (bytes: Uint8Array) => GraphCheck;
  /** All of it, also of a large one. */
  readonly readBase: (sha256: Digest) => Promise<Uint8Array | undefined>;
  /** A base that is too large to be read; `undefined` for any other. */
  readonly largeBase: (sha256: Digest) => Promise<LargeFile | undefined>;
  /** Content-addressed and fsynced: a state may name it from now on. */
  readonly keepBase: (sha256: Digest, content: Content) => Promise<void>;
  /** Removes bases that the state no longer names. */
  readonly dropOldBases: () => Promise<void>;
  /** Keeps a version that is about to be replaced on disk; answers the path. Kept until a person removes it. */
  readonly keepAside: (sha256: Digest, content: Content) => Promise<string>;
};

type FolderIo = Pick<Io, "files" | "large" | "log" | "paths" | "sha256" | "store" | "document">;

/** Reads the state, or starts an empty one. A damaged file counts as none, loudly; a newer program's file stops us. */
export const openStateFolder = async (io: FolderIo): Promise<StateFolder> => {
  const { files, log, paths } = io;
  const file = `${paths.state}/state.json`;
  let state = await loadState(io, file);
  const basePath = (sha256: Digest): string => `${paths.state}/base/${sha256}`;
  const readBase = async (sha256: Digest): Promise<Uint8Array | undefined> => {
    const read = await files.read(basePath(sha256));
    if (read.kind !== "still") return undefined;
    if (io.sha256(read.bytes) === sha256) return read.bytes;
    log.warn("state.base-damaged", "the base in the state folder is damaged and does not count", { sha256 });
    return undefined;
  };
  const largeBase = async (sha256: Digest): Promise<LargeFile | undefined> => {
    const look = await io.large?.look(basePath(sha256));
    if (look?.kind !== "still") return undefined;
    if (look.file.sha256 === sha256) return look.file;
    log.warn("state.base-damaged", "the base in the state folder is damaged and does not count", { sha256 });
    return undefined;
  };
  return {
    current: () => state,
    replace: async (next) => {
      await files.write(file, new TextEncoder().encode(formatState(next)));
      state = next;
    },
    check: (bytes) => checkDocument(bytes, io.document.mode, io.sha256),
    readBase,
    largeBase,
    keepBase: async (sha256, content) => {
      const path = basePath(sha256);
      const there = await files.stat(path); // one that is damaged looks like one that is whole
      const isThere = content instanceof Uint8Array ? readBase : largeBase;
      if (there?.size === sizeOf(content) && (await isThere(sha256)) !== undefined) return;
      await writeContent(io, path, content);
    },
    dropOldBases: async () => {
      const named = namedBases(state);
      for (const name of await files.names(`${paths.state}/base`))
        if (!named.has(name)) await files.remove(`${paths.state}/base/${name}`);
    },
    keepAside: async (sha256, content) => {
      const path = `${paths.state}/aside/${shortDigest(sha256)}.json`;
      await writeContent(io, path, content);
      return path;
    },
  };
};

/** What the bucket holds is needed for the next merge, unless it is base itself. */
const namedBases = ({ base, intent, lost, remote, otherView }: State): ReadonlySet<string> => {
  const puts = intent?.kind === "put" ? [intent, ...lost] : lost;
  const one = [base.kind === "content" ? base.sha256 : undefined, remote?.sha256, otherView];
  return new Set([...one.filter((name) => name !== undefined), ...puts.flatMap(({ ours, result }) => [ours, result])]);
};

const loadState = async ({ files, log, store }: FolderIo, file: string): Promise<State> => {
  const read = await files.read(file);
  if (read.kind !== "still") return emptyState(store.name);
  const parsed = parseState(new TextDecoder().decode(read.bytes));
  if (parsed.kind === "damaged") {
    log.warn("state.damaged", "the state file is damaged and counts as absent", { path: file, why: parsed.why });
    return emptyState(store.name);
  }
  if (parsed.newer)
    throw new KgsyncError(
      "config-invalid",
      `${file} was written by a newer kgsync, which this one must not overwrite`,
      {
        hint: "Use that version again, or give this one another KGSYNC_STATE_DIR.",
      },
    );
  // What one bucket was seen to honour says nothing of another; the rest of the state is told apart by its store's name.
  return parsed.state.store === store.name ? parsed.state : { ...parsed.state, probedAt: undefined };
};
