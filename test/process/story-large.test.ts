import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { startGcsDouble } from "../support/gcs-double/start-gcs-double.ts";
import { startS3Double } from "../support/s3-double/start-s3-double.ts";
import { createStoryPlace, graphOf, s3Env } from "../support/story-place.ts";
import { useBundle } from "../support/use-bundle.ts";

const bin = useBundle();
const GRAPH = "app/knowledge_graph.json";
const TIMEOUT = 120_000;

/** Some more than what is kept in memory: 40 MiB. */
const large = (name: string): string => {
  const graph = JSON.parse(graphOf(name));
  return JSON.stringify({
    ...graph,
    repository_structure: { rows: Array.from({ length: 40 }, () => "x".repeat(2 ** 20)) },
  });
};

test("a large graph comes down, is not asked for again, goes up when the app has changed it", {
  timeout: TIMEOUT,
}, async () => {
  const place = createStoryPlace(bin);
  const server = await startS3Double();
  onTestFinished(server.close);
  server.put(GRAPH, large("alpha"));
  const pull = place.start(["pull"], s3Env(server));
  expect((await pull.ended).code).toBe(0);
  expect(place.local() === large("alpha")).toBe(true);
  const gets = (): number =>
    server.requests.filter(({ operation, key }) => operation === "GetObject" && key === GRAPH).length;
  const [before, heads] = [gets(), server.count("HeadObject")];
  expect((await place.start(["pull"], s3Env(server)).ended).code).toBe(0);
  expect([gets() - before, server.count("HeadObject") - heads]).toEqual([0, 1]);

  place.setLocal(large("beta"));
  expect((await place.start(["push"], s3Env(server)).ended).code).toBe(0);
  expect(server.objects.get(GRAPH)?.body.toString() === large("beta")).toBe(true);
  expect(server.uploads.size).toBe(0);
});

test("killed while it comes: the old graph is whole, and the next start brings the new one", {
  timeout: TIMEOUT,
}, async () => {
  const place = createStoryPlace(bin);
  const server = await startS3Double();
  onTestFinished(server.close);
  place.setLocal(graphOf("old"));
  expect((await place.start(["push"], s3Env(server)).ended).code).toBe(0);
  server.put(GRAPH, large("new"));
  const arrived = Promise.withResolvers<void>();
  const never = new Promise<void>((resolve) => onTestFinished(() => resolve()));
  const run = (): Promise<void> => {
    arrived.resolve();
    return never;
  };
  // The first GET finds out that it is large; the ranges follow.
  server.faults.add({ operation: "GetObject", key: GRAPH, skip: 2 }, { kind: "first", run });
  const pull = place.start(["pull"], s3Env(server));
  await arrived.promise;
  await pull.killAll();
  expect(place.local()).toBe(graphOf("old"));
  expect((await place.start(["pull"], s3Env(server)).ended).code).toBe(0);
  expect(place.local() === large("new")).toBe(true);
  expect(readdirSync(join(place.state, "base")).filter((name) => name.startsWith("."))).toEqual([]);
});

test("on a gs:// bucket: by ranges, not asked for again, up in parts", { timeout: TIMEOUT }, async () => {
  const place = createStoryPlace(bin);
  const server = await startGcsDouble();
  onTestFinished(server.close);
  const env = { KGSYNC_BUCKET: `gs://${server.bucket}/app`, STORAGE_EMULATOR_HOST: server.endpoint };
  server.put(GRAPH, large("alpha"));
  expect((await place.start(["pull"], env).ended).code).toBe(0);
  expect(place.local() === large("alpha")).toBe(true);
  const gets = () => server.requests.filter(({ operation, key }) => operation === "get" && key === GRAPH);
  expect(gets().map(({ headers }) => headers["range"] !== undefined)).toEqual([false, true, true, true]);
  expect((await place.start(["pull"], env).ended).code).toBe(0);
  expect(gets()).toHaveLength(4);

  place.setLocal(large("beta"));
  expect((await place.start(["push"], env).ended).code).toBe(0);
  expect(server.objects.get(GRAPH)?.body.toString() === large("beta")).toBe(true);
  expect(server.count("open-session")).toBeGreaterThan(0);
});

test("on a file:// bucket, and with a validator of the user's own", { timeout: TIMEOUT }, async () => {
  const place = createStoryPlace(bin);
  place.setRemote(large("alpha"));
  const validator = join(place.root, "validator");
  writeFileSync(validator, '#!/bin/sh\nexec wc -c >>"$0.seen"\n', { mode: 0o755 });
  const env = { KGSYNC_VALIDATE_CMD: validator };
  const pull = place.start(["pull"], env);
  expect([(await pull.ended).code, pull.err()]).toEqual([0, expect.any(String)]);
  expect(place.local() === large("alpha")).toBe(true);
  expect(readFileSync(`${validator}.seen`, "utf8").trim().split("\n").map(Number)).toEqual([
    Buffer.byteLength(large("alpha")),
  ]);
  place.setLocal(large("beta"));
  expect((await place.start(["push"], { KGSYNC_VALIDATE_CMD: "false" }).ended).code).not.toBe(0);
  expect(place.remote() === large("alpha")).toBe(true);
  expect((await place.start(["push"], env).ended).code).toBe(0);
  expect(place.remote() === large("beta")).toBe(true);
});
