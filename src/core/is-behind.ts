import type { State } from "./state.ts";

/** The bucket is known to hold what the app does not, and it is not on the disk for the app to read yet. */
export const isBehind = ({ base, remote, otherView }: State): boolean =>
  remote !== undefined && base.kind === "content" && remote.sha256 !== base.sha256 && remote.sha256 !== otherView;
