import fc from "fast-check";
import { expect, test } from "vitest";
import { createETagMemory, etagFromServer, etagToServer } from "../../../src/adapters/s3-object-store/etag-form.ts";

const value = fc.stringMatching(/^[A-Za-z0-9-]{1,40}$/);

test("all spellings of one ETag are one ETag, and both forms of it can be sent", () => {
  fc.assert(
    fc.property(value, (text) => {
      const etag = etagFromServer(`"${text}"`);
      expect(etag).toBe(`"${text}"`);
      expect(etagFromServer(text)).toBe(etag);
      expect(etagFromServer(`W/"${text}"`)).toBe(etag);
      if (etag === undefined) throw new Error("no ETag");
      expect(etagToServer(etag, "quoted")).toBe(`"${text}"`);
      expect(etagToServer(etag, "bare")).toBe(text);
    }),
  );
});

test.each([undefined, "", '""'])("%j names no version", (text) => {
  expect(etagFromServer(text)).toBeUndefined();
});

test("a form is proven only by an update that was stored", () => {
  const memory = createETagMemory("bare");
  expect([memory.form(), memory.proven()]).toEqual(["bare", false]);
  memory.learn("quoted");
  expect([memory.form(), memory.proven()]).toEqual(["quoted", true]);
  expect(createETagMemory(undefined).form()).toBe("quoted");
});
