/** How the child ended, in waitpid(2)'s words. */
export type ChildStatus =
  | { readonly kind: "exited"; readonly code: number }
  | { readonly kind: "signaled"; readonly signal: number };

/** As a shell and tini report it: the code itself, or 128 + the signal. */
export const exitCodeOf = (status: ChildStatus): number =>
  status.kind === "exited" ? status.code : 128 + status.signal;
