type Handler = (warning: Error) => void;

/** On the global object for the same reason as the signals: two bundles, one queue. */
const TAKE = Symbol.for("kgsync.take-warnings");

/**
 * Removes Node's printer of warnings: it writes through process.stderr, which makes the description shared with the app
 * non-blocking, and the app loses output. What is warned about waits until `takeWarnings`.
 */
export const holdWarnings = (): void => {
  if (Reflect.get(globalThis, TAKE) !== undefined) return;
  const waiting: Error[] = [];
  let handle: Handler | undefined;
  process.removeAllListeners("warning");
  process.on("warning", (warning) => (handle === undefined ? waiting.push(warning) : handle(warning)));
  Reflect.set(globalThis, TAKE, (handler: Handler) => {
    handle = handler;
    for (const warning of waiting.splice(0)) handler(warning);
  });
};

/** Hands over Node's warnings (deprecations, leaks, an old Node for the SDK), those so far and those to come. */
export const takeWarnings = (handler: Handler): void => {
  holdWarnings();
  const take: unknown = Reflect.get(globalThis, TAKE);
  if (typeof take === "function") take(handler);
};
