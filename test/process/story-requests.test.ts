import { expect, onTestFinished, test } from "vitest";
import { type S3Double, startS3Double } from "../support/s3-double/start-s3-double.ts";
import { createStoryPlace, graphOf, s3Env } from "../support/story-place.ts";
import { useBundle } from "../support/use-bundle.ts";

const bin = useBundle();
const BACKUPS = Array.from({ length: 100 }, (_, n) => `app/backups/knowledge_graph_20260101_${100000 + n}.json`);
const GRAPH = "app/knowledge_graph.json";
const PROBE = "app/.kgsync/probe";

const filled = async (): Promise<S3Double> => {
  const server = await startS3Double();
  onTestFinished(server.close);
  server.put(GRAPH, graphOf("alpha"));
  for (const name of BACKUPS) server.put(name, graphOf(name));
  return server;
};

/** What was asked for, in any order. The look for unfinished uploads is left out: it comes after the start, or not at all. */
const asked = (server: S3Double, since = 0): readonly string[] =>
  server.requests
    .slice(since)
    .filter(({ operation }) => operation !== "ListMultipartUploads")
    .map(({ operation, key, query }) => `${operation} ${operation === "ListObjectsV2" ? query.get("prefix") : key}`)
    .sort();

/** The whole life of an app that saves nothing: also its end asks for nothing. */
const live = async (place: ReturnType<typeof createStoryPlace>, server: S3Double): Promise<void> => {
  const run = place.start(["run", "--", "true"], s3Env(server));
  expect(await run.ended, run.err()).toEqual({ code: 0, signal: null });
};

test("a new container asks once for the graph, the list and each backup, and probes the store", async () => {
  const place = createStoryPlace(bin);
  const server = await filled();
  await live(place, server);
  const probe = Array.from({ length: 4 }, () => `PutObject ${PROBE}`);
  expect(asked(server)).toEqual(
    [
      ...probe,
      `GetObject ${GRAPH}`,
      "ListObjectsV2 app/backups/",
      ...BACKUPS.map((name) => `GetObject ${name}`),
    ].sort(),
  );
  expect(place.filesBelow(place.backups)).toHaveLength(BACKUPS.length);
  const bySdk = server.requests.filter(({ headers }) => headers["amz-sdk-invocation-id"] !== undefined);
  expect(bySdk.map(({ operation }) => operation).filter((name) => name === "GetObject")).toHaveLength(1);
  expect(bySdk.map(({ operation }) => operation)).not.toContain("ListObjectsV2");
});

test("no backup waits for the graph: all are asked for while it stands unanswered", async () => {
  const place = createStoryPlace(bin);
  const server = await filled();
  server.faults.add({ key: GRAPH }, { kind: "stall-headers" });
  const run = place.start(["run", "--", "true"], s3Env(server));
  const everything = [
    `GetObject ${GRAPH}`,
    "ListObjectsV2 app/backups/",
    ...BACKUPS.map((name) => `GetObject ${name}`),
  ];
  await expect
    .poll(() => asked(server).filter((line) => !line.startsWith("PutObject")), { timeout: 60_000 })
    .toEqual(everything.sort());
  run.signal("SIGTERM");
  expect(await run.ended, run.err()).toMatchObject({ code: 143 });
});

test("the same container again, with nothing changed, asks for the graph and the list, and writes nothing", async () => {
  const place = createStoryPlace(bin);
  const server = await filled();
  await live(place, server);
  const before = server.requests.length;
  await live(place, server);
  expect(asked(server, before)).toEqual([`GetObject ${GRAPH}`, "ListObjectsV2 app/backups/"]);
});

test("5,000 backups: each is asked for once, and by a second start none, only the five pages of the list", async () => {
  const place = createStoryPlace(bin);
  const server = await filled();
  const count = 5000 - BACKUPS.length;
  for (let n = 0; n < count; n++) server.put(`app/backups/knowledge_graph_20270101_${n}.json`, String(n));
  await live(place, server);
  const gets = server.count("GetObject");
  expect([gets, server.count("ListObjectsV2")]).toEqual([5001, 5]);
  expect(place.filesBelow(place.backups)).toHaveLength(5000);
  const before = server.requests.length;
  await live(place, server);
  expect(asked(server, before)).toEqual([
    `GetObject ${GRAPH}`,
    ...Array.from({ length: 5 }, () => "ListObjectsV2 app/backups/"),
  ]);
});
