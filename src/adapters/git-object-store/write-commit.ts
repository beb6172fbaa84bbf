import { type Copy, HEAD_REF } from "./fetch-head.ts";
import { toCopyError } from "./git-error.ts";

/** One path of a commit: another content (a blob that is there, or a text), or nothing any more. From the repository's root. */
export type PathChange =
  | { readonly path: string; readonly blob: string }
  | { readonly path: string; readonly text: string }
  | { readonly path: string };

export type NewCommit = {
  readonly parent: string | undefined;
  readonly changes: readonly PathChange[];
  readonly message: string;
  /** `Name <email>` */
  readonly author: string;
  /** Unix milliseconds. */
  readonly time: number;
};

/** git-fast-import(1), "Quoting": a path that might be taken for something else stands in quotes. */
const quoted = (path: string): string => `"${path.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;

const data = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}\n`;

const line = (change: PathChange): string => {
  if ("blob" in change) return `M 100644 ${change.blob} ${quoted(change.path)}\n`;
  return "text" in change
    ? `M 100644 inline ${quoted(change.path)}\n${data(change.text)}`
    : `D ${quoted(change.path)}\n`;
};

/**
 * Makes a commit in the copy: trees, the small blobs and the commit itself by one process, without index or work tree.
 * Answers its id. What is not named stays as the parent has it.
 */
export const writeCommit = async (
  { git }: Pick<Copy, "git">,
  commit: NewCommit,
  signal: AbortSignal,
): Promise<string> => {
  const who = `${commit.author} ${Math.floor(commit.time / 1000)} +0000`;
  const script = [
    `commit ${HEAD_REF}\nmark :1\nauthor ${who}\ncommitter ${who}\n`,
    data(commit.message),
    commit.parent === undefined ? "" : `from ${commit.parent}\n`,
    ...commit.changes.map(line),
    "\nget-mark :1\ndone\n",
  ];
  const run = await git(["fast-import", "--quiet", "--force", "--done", "--date-format=raw"], {
    signal,
    input: script.join(""),
  });
  const id = run.stdout.toString("latin1").trim();
  if (run.code !== 0 || !/^[0-9a-f]{40,64}$/.test(id)) throw toCopyError("make a commit", run);
  return id;
};
