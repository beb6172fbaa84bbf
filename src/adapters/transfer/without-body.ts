import type { Readable } from "node:stream";

/** An answer whose bytes nobody wants. What is on its way is not waited for: the connection is given up. */
export const withoutBody = (stream: Readable): void => {
  stream.on("error", () => undefined);
  stream.destroy();
};
