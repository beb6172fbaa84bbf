const nothing = (): void => undefined;

/** Keeps the SDK from writing to the console, which belongs to the child once it runs. */
export const silentLogger = { trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing };
