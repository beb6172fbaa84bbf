import type { Readable } from "node:stream";

/**
 * The body of an answer in one buffer. `cutShort` makes the error for fewer or more bytes than `length` announces: they are
 * no object. By events, which cost a small body half of what asynchronous iteration does.
 */
export const readAnswer = (body: Readable, length: number | undefined, cutShort: () => Error): Promise<Uint8Array> =>
  new Promise((resolve, reject) => {
    const whole = new Uint8Array(length ?? 0);
    const parts: Uint8Array[] = [];
    let offset = 0;
    let settled = false;
    const fail = (error: unknown): void => {
      settled = true;
      body.destroy();
      reject(error);
    };
    body.on("data", (chunk: Uint8Array) => {
      if (length === undefined) parts.push(chunk);
      else if (offset + chunk.byteLength > length) return fail(cutShort());
      else whole.set(chunk, offset);
      offset += chunk.byteLength;
    });
    body.on("error", fail);
    body.on("close", () => settled || fail(cutShort()));
    body.on("end", () => {
      if (length !== undefined && offset !== length) return fail(cutShort());
      settled = true;
      resolve(length === undefined ? Buffer.concat(parts) : whole);
    });
  });
