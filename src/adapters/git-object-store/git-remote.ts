/** Where the objects lie: a repository as git itself names it, a branch, and a folder in it (empty: its root). */
export type GitRemote = {
  /** `https://…`, `ssh://…` or `file:///…`, without credentials. */
  readonly url: string;
  readonly branch: string;
  readonly folder: string;
};

/** As it is written in KGSYNC_BUCKET. */
export const remoteName = ({ url, branch, folder }: GitRemote): string =>
  `git+${url}#${branch}${folder === "" ? "" : `:${folder}`}`;
