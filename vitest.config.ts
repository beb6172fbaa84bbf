import { join } from "node:path";
import { defineConfig } from "vitest/config";

/** One project per kind of test; `npm test` runs those that need nothing but Node. */
const project = (name: string, testTimeout: number, options: object = {}) => ({
  test: { name, include: [`test/${name}/**/*.test.ts`], testTimeout, hookTimeout: 120_000, ...options },
});

/** Where CI collects one report per run; absent on a person's machine. */
const results = process.env["TEST_RESULTS_DIR"];

export default defineConfig({
  test: {
    reporters:
      results === undefined ? ["default"] : ["default", ["json", { outputFile: join(results, `${process.pid}.json`) }]],
    coverage: { include: ["src/core/**"] },
    projects: [
      project("unit", 60_000),
      project("conformance", 60_000),
      project("faults", 60_000),
      project("simulation", 300_000),
      project("process", 120_000, { fileParallelism: false }),
      project("mcp", 120_000, { fileParallelism: false }),
      project("monitoring", 300_000, { fileParallelism: false }),
      project("s3", 120_000, { fileParallelism: false }),
      project("azure", 120_000, { fileParallelism: false }),
      project("gcs", 120_000, { fileParallelism: false }),
      project("docker", 300_000, { fileParallelism: false }),
      project("swarm", 600_000, { fileParallelism: false, maxConcurrency: 4 }),
    ],
  },
});
