import { expect, test } from "vitest";
import * as z from "zod/mini";
import { listenAddress } from "../../../src/config/listen-address.ts";

const parse = (text: string) => z.safeParse(listenAddress().schema, text);

test.each([
  ["0.0.0.0:9465", "0.0.0.0", 9465],
  ["localhost:80", "localhost", 80],
  ["[::1]:9465", "::1", 9465],
  [":9465", undefined, 9465],
  ["127.0.0.1:0", "127.0.0.1", 0],
])("%s", (text, host, port) => {
  expect(parse(text).data).toEqual({ host, port });
});

test.each(["9465", "0.0.0.0", "::1:9465", "0.0.0.0:65536", "0.0.0.0:01", "http://x:1", "x:1/", " :1", "[x]:1", ":-1"])(
  "%s is refused",
  (text) => {
    expect(parse(text).success).toBe(false);
  },
);
