/** How it went: `undefined` is well, a text says why not. */
type Reason = string | undefined;

/**
 * Runs a program of the user's, without a shell: `json` on its standard input, `event` as HOOK_EVENT in its environment. Its
 * output never reaches the app's. Ends when `signal` aborts, and then nobody of its process group is left. Never rejects.
 */
export type RunHook = (
  argv: readonly [string, ...string[]],
  event: string,
  json: string,
  signal: AbortSignal,
) => Promise<Reason>;

/** Sends a request: POST with a JSON body, GET without. Follows no redirect, reads no answer. Never rejects. */
export type SendNotice = (url: string, json: string | undefined, signal: AbortSignal) => Promise<Reason>;
