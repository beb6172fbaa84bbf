import { describe, expect, test } from "vitest";
import { etag, parseDigest } from "../../../src/core/version.ts";

const GOOD = "0123456789abcdef".repeat(4);

describe("a digest", () => {
  test("is 64 hexadecimal digits in lower case", () => expect(parseDigest(GOOD)).toBe(GOOD));

  test.each([
    undefined,
    "",
    GOOD.slice(1),
    `${GOOD}0`,
    GOOD.toUpperCase(),
    `${GOOD}\n`,
    ` ${GOOD}`,
    GOOD.replace("0", "g"),
  ])("is not %j", (text) => expect(parseDigest(text)).toBeUndefined());
});

test("an etag is kept as the store sent it, quotes and all", () => expect(etag('W/"x"')).toBe('W/"x"'));
