import { expect, test } from "vitest";
import { memoryLimit } from "../../../src/adapters/merge-worker/memory-limit.ts";

const V2 = "/sys/fs/cgroup/memory.max";
const V1 = "/sys/fs/cgroup/memory/memory.limit_in_bytes";

test.each([
  ["cgroup v2", { [V2]: "268435456\n" }, 268_435_456],
  ["cgroup v2, no limit", { [V2]: "max\n" }, 8e9],
  ["cgroup v1", { [V1]: "134217728\n" }, 134_217_728],
  ["cgroup v1, no limit", { [V1]: "9223372036854771712\n" }, 8e9],
  ["no cgroup", {}, 8e9],
  ["more than there is", { [V2]: "9000000000\n" }, 8e9],
  ["nothing that is a number", { [V2]: "" }, 8e9],
])("%s", (_, files: Readonly<Record<string, string>>, expected) => {
  const readText = (path: string): string => {
    const text = files[path];
    if (text === undefined) throw new Error(`ENOENT: ${path}`);
    return text;
  };
  expect(memoryLimit({ readText, totalMemory: () => 8e9 })).toBe(expected);
});
