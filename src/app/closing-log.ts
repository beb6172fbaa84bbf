import type { Log } from "../ports/log.ts";

/** A log that can be ended: the line that tells how all ended is the last one, whatever still goes on behind it. */
export const createClosingLog = (log: Log): { readonly log: Log; readonly close: () => void } => {
  let closed = false;
  const unlessClosed =
    (write: Log["info"]): Log["info"] =>
    (event, message, fields) => {
      if (!closed) write(event, message, fields);
    };
  return {
    log: {
      debug: unlessClosed(log.debug),
      info: unlessClosed(log.info),
      warn: unlessClosed(log.warn),
      error: unlessClosed(log.error),
    },
    close: () => {
      closed = true;
    },
  };
};
