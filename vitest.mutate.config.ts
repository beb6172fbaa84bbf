import { defineConfig } from "vitest/config";

/** The tests that hold src/core, for Stryker, which mutates it and wants one plain project. */
export default defineConfig({
  test: { include: ["test/unit/core/**/*.test.ts", "test/unit/*.test.ts"], testTimeout: 20_000 },
});
