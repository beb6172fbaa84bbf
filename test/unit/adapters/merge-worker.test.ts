import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { createMerge, type MergeMachine } from "../../../src/adapters/merge-worker/create-merge.ts";
import { nodeSha256 } from "../../../src/adapters/node-sha256.ts";
import { type MergeRequest, mergeRequest } from "../../../src/core/merge/merge-request.ts";
import type { MergeOutcome } from "../../../src/core/merge/merge-types.ts";
import { tempDir } from "../../support/temp-dir.ts";

const MiB = 1024 * 1024;
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

const document = (megabytes: number, added: object = {}): Uint8Array =>
  encode(
    JSON.stringify({
      list: Array.from({ length: megabytes * 16_384 }, (_, n) => `${1e6 + n}${"x".repeat(57)}`),
      ...added,
    }),
  );

const request = (megabytes: number, more: Partial<MergeRequest> = {}): MergeRequest => ({
  base: document(megabytes),
  ours: document(megabytes, { ours: 1 }),
  theirs: document(megabytes, { theirs: 1 }),
  options: { policy: "newest" },
  ...more,
});

const machine = (given: Partial<MergeMachine> = {}): MergeMachine => ({
  readText: () => `${16_384 * MiB}\n`,
  totalMemory: () => 16_384 * MiB,
  workerFile: fileURLToPath(new URL("../../../src/adapters/merge-worker/merge-worker.ts", import.meta.url)),
  ...given,
});

/** Megabytes are quickly compared by their digest. */
const told = (outcome: MergeOutcome): object =>
  outcome.kind === "refused" ? outcome : { ...outcome, bytes: nodeSha256(outcome.bytes) };

const never = (): never => {
  throw new Error("must not be asked");
};

test("a large document is merged as a small one is, and the event loop turns meanwhile", async () => {
  const large = request(6);
  let running = true;
  const merging = createMerge(machine())(large).finally(() => {
    running = false;
  });
  let turns = 0;
  while (running) {
    await turn();
    turns++;
  }
  expect(turns).toBeGreaterThan(10);
  expect(told(await merging)).toEqual(told(mergeRequest(large)));
});

test("views and options go with it", async () => {
  const ours = document(2, { items: [{ sku: 1 }, { sku: 2, ours: 1 }] });
  const theirs = document(2, { items: [{ sku: 1, theirs: 1 }, { sku: 2 }], extra: 1 });
  const base = document(2, { items: [{ sku: 1 }, { sku: 2 }], extra: 1 });
  const given = { base, ours, theirs, options: { policy: "theirs", identityAt: { "/items": ["sku"] } } } as const;
  const merge = createMerge(machine());
  for (const more of [{}, { firstSave: true }, { otherView: document(2) }])
    expect(told(await merge({ ...given, ...more }))).toEqual(told(mergeRequest({ ...given, ...more })));
});

test.each([
  ["ours", { theirs: document(6) }],
  ["theirs", { ours: document(6) }],
] as const)("a result that is one of the documents is that very one: %s", async (side, more) => {
  const given = request(6, more);
  const outcome = await createMerge(machine())(given);
  if (outcome.kind === "refused") throw new Error(outcome.why);
  expect([outcome.equalTo, outcome.bytes === given[side]]).toEqual([side, true]);
});

test("a document that must not be merged is refused in the same words", async () => {
  const broken = request(6, { ours: document(6).subarray(0, -1) });
  expect(told(await createMerge(machine())(broken))).toEqual(told(mergeRequest(broken)));
});

test("small ones need no thread, and nobody asks for the memory", async () => {
  const inline = createMerge({ readText: never, totalMemory: never, workerFile: "/nowhere" });
  const small = request(1);
  expect(told(await inline(small))).toEqual(told(mergeRequest(small)));
});

test("each document counts", async () => {
  const merge = createMerge(machine({ workerFile: "/nowhere" }));
  const kinds = [request(1), request(1, { otherView: document(2) }), request(3, { base: undefined })];
  const answers = await Promise.all(kinds.map((given) => merge(given)));
  expect(answers.map(({ kind }) => kind)).toEqual(["merged", "refused", "refused"]);
});

test("too large for the memory: refused before it is read, with both sizes", async () => {
  const given = request(6);
  const bytes = [given.base, given.ours, given.theirs].reduce((sum, part) => sum + (part?.length ?? 0), 0);
  const merge = createMerge(machine({ readText: () => `${64 * MiB}`, workerFile: "/nowhere" }));
  const why = `too large to be merged here (${bytes} bytes, of ${64 * MiB} bytes of memory)`;
  expect(await merge(given)).toEqual({ kind: "refused", why });
});

test("a thread that its heap's limit ends: refused, and the next merge is as good as any", async () => {
  const given = request(6);
  const readText = (): string => String(100 * MiB);
  const outcome = await createMerge(machine({ readText }))(given);
  expect(outcome).toEqual({ kind: "refused", why: expect.stringContaining("memory limit") });
  expect(told(await createMerge(machine())(given))).toEqual(told(mergeRequest(given)));
});

test.each([
  ["cannot be loaded", undefined, "the merge failed: Cannot find module"],
  ["throws", "throw new Error('it broke');", "it broke"],
  ["ends without an answer", "process.exit(3);", "without an answer (3)"],
])("a thread that %s: refused", async (_, script, why) => {
  const workerFile = join(tempDir(), "worker.cjs");
  if (script !== undefined) writeFileSync(workerFile, script);
  const outcome = await createMerge(machine({ workerFile }))(request(6));
  expect(outcome).toEqual({ kind: "refused", why: expect.stringContaining(why) });
});
