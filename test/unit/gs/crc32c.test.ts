import fc from "fast-check";
import { expect, test } from "vitest";
import { crc32c, crc32cText } from "../../../src/adapters/gs-object-store/crc32c.ts";
import { castagnoli } from "../../support/gcs-double/castagnoli.ts";

test("the published check value, and that of nothing", () => {
  expect(crc32c(Buffer.from("123456789")).toString(16)).toBe("e3069283"); // RFC 3720 §B.4's polynomial, its usual check
  expect(crc32cText(crc32c(new Uint8Array(32)))).toBe("ipE2qg=="); // RFC 3720 §B.4: 32 bytes of zeroes
  expect(crc32c(new Uint8Array(0))).toBe(0);
});

test("piece by piece it is the sum of the whole", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 50 })), (pieces) => {
      const whole = Buffer.concat(pieces);
      const sum = pieces.reduce((before, piece) => crc32c(piece, before), 0);
      expect(sum).toBe(crc32c(whole));
      expect(crc32cText(sum)).toBe(castagnoli(whole));
    }),
  );
});
