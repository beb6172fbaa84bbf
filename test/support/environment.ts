/** This process' environment as `Spawn` wants it, without what somebody has set for a kgsync or a test of their own. */
export const environment = (): Record<string, string> =>
  Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      value === undefined || name.startsWith("KGSYNC_") ? [] : [[name, value]],
    ),
  );
