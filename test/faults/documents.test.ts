import { expect, test } from "vitest";
import { finalPush } from "../../src/app/final-push.ts";
import { pushAll } from "../../src/app/push-all.ts";
import { pushDocuments } from "../../src/app/push-documents.ts";
import { KgsyncError } from "../../src/core/errors.ts";
import { key } from "../../src/core/key.ts";
import type { ObjectStore } from "../../src/ports/object-store.ts";
import { createAppWorld, REMOTE } from "../support/app-world.ts";
import { graphText } from "../support/app-world-graph.ts";

const MEMORY = { name: key("memory.jsonl"), path: "/data/memory.jsonl", mode: "merge-jsonl" } as const;
const CACHE = { name: key("cache.db"), path: "/data/cache.db", mode: "replace" } as const;
const DOCUMENTS = [MEMORY, CACHE];

const createWorld = () => {
  const world = createAppWorld();
  const write = (path: string, text: string): void => world.disk.app.write(path, new TextEncoder().encode(text));
  const read = (path: string): string | undefined => {
    const bytes = world.disk.app.read(path);
    return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
  };
  return { ...world, write, read };
};

const refusing =
  (code: "bucket-denied" | "bucket-unavailable", which: (name: string) => boolean) =>
  (store: ObjectStore): ObjectStore => ({
    ...store,
    get: async (name, signal) =>
      code === "bucket-unavailable" && which(name) ? refuse(code) : store.get(name, signal),
    head: async (name, signal) =>
      code === "bucket-unavailable" && which(name) ? refuse(code) : store.head(name, signal),
    put: async (name, body, mode, options, signal) =>
      which(name) ? refuse(code) : store.put(name, body, mode, options, signal),
  });

const refuse = (code: "bucket-denied" | "bucket-unavailable"): never => {
  throw new KgsyncError(code, "simulated");
};

test("what one document fails by is told with its name, and the others are in the bucket all the same", async () => {
  const world = createWorld();
  const process = world.boot({
    documents: DOCUMENTS,
    store: refusing("bucket-denied", (name) => name === MEMORY.name),
  });
  await process.start();
  world.save(graphText(["a"]));
  world.write(MEMORY.path, '{"id":1}');
  world.write(CACHE.path, "bytes");
  const pushed = await process.within(60_000, (budget) =>
    pushDocuments(process.pushing(), (one) => finalPush(one, budget, { allowed: undefined, disk: true })),
  );
  expect(pushed).toMatchObject({ data: "unsafe", graph: "failed", why: "memory.jsonl: simulated" });
  expect(world.objects()).toMatchObject({ [CACHE.name]: "bytes", [REMOTE]: graphText(["a"]) });
  expect(world.objects()).not.toHaveProperty(MEMORY.name);
});

test("bytes wait until nobody has touched them for two seconds; where records end sooner than before, that version is kept", async () => {
  const world = createWorld();
  const process = world.boot({ documents: DOCUMENTS });
  await process.start();
  const push = () =>
    process.within(60_000, (budget) =>
      pushDocuments(process.pushing(), (one) => pushAll(one, { final: false, allowed: undefined }, budget)),
    );
  world.write(MEMORY.path, '{"id":1}\n{"id":2}');
  world.write(CACHE.path, "bytes");
  expect(await push()).toMatchObject({ data: "unsafe", retry: "soon", why: undefined });
  expect(world.objects()).toHaveProperty(MEMORY.name); // records that are whole need not wait
  expect(world.objects()).not.toHaveProperty(CACHE.name);
  await world.clock.advance(3000);
  expect(await push()).toMatchObject({ data: "safe" });
  expect(world.objects()[CACHE.name]).toBe("bytes");

  world.write(MEMORY.path, '{"id":1}\n');
  expect(await push()).toMatchObject({ data: "safe" }); // the files' own clock stands still: it is old already
  const { fields } = process.lines.find(({ event }) => event === "guard.cut") ?? {};
  expect(fields).toMatchObject({ document: MEMORY.name });
  expect(world.objects()[String(fields?.["key"])]).toBe('{"id":1}\n{"id":2}');
});

test("the app is not started when one document cannot be read; all the others are settled before that is told", async () => {
  const world = createWorld();
  await world.upload(CACHE.name, "theirs");
  await world.upload(MEMORY.name, '{"id":1}\n{"id"');
  const process = world.boot({ documents: DOCUMENTS });
  await expect(process.start()).rejects.toMatchObject({
    code: "graph-invalid",
    message: expect.stringMatching(/^memory\.jsonl: the bucket's document is invalid/),
  });
  expect(world.read(CACHE.path)).toBe("theirs");
});

test("KGSYNC_ON_UNREACHABLE=local: a document that was never there keeps no app from its start, one that was does", async () => {
  const world = createWorld();
  const first = world.boot({ documents: DOCUMENTS });
  await first.start();
  world.save(graphText(["a"]));
  await first.finish();
  const rules = { onUnreachable: "local" } as const;
  const down = refusing("bucket-unavailable", () => true);
  const second = world.boot({ documents: DOCUMENTS, rules, store: down });
  await second.start();
  expect(second.events()).toContain("start.local");
  world.write(CACHE.path, "bytes");
  world.disk.app.remove("/data/.kgsync/documents/cache.db/state.json");
  const third = world.boot({ documents: DOCUMENTS, rules, store: down });
  await expect(third.start()).rejects.toMatchObject({ message: expect.stringMatching(/^cache\.db: /) });
});
