declare const KGSYNC_VERSION: string | undefined;

/** Stamped by the build; `dev` when the source is run as it is. */
export const VERSION: string = typeof KGSYNC_VERSION === "undefined" ? "dev" : KGSYNC_VERSION;
