import fc from "fast-check";
import { expect, it } from "vitest";
import { fromAzureMetadata, toAzureMetadata } from "../../../src/adapters/az-object-store/metadata-names.ts";

const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,30}$/);

it("every name of ours is a C# identifier there, and comes back", () => {
  fc.assert(
    fc.property(fc.dictionary(name, fc.string()), (metadata) => {
      const there = toAzureMetadata(metadata);
      for (const each of Object.keys(there)) expect(each).toMatch(/^[A-Za-z_][A-Za-z0-9_]*$/);
      expect(fromAzureMetadata(there)).toEqual({ ...metadata });
    }),
  );
});
