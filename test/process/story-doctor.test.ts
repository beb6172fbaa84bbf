import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { type S3DoubleOptions, startS3Double } from "../support/s3-double/start-s3-double.ts";
import { createStoryPlace, graphOf, s3Env } from "../support/story-place.ts";
import { useBundle } from "../support/use-bundle.ts";

const bin = useBundle();
type Place = ReturnType<typeof createStoryPlace>;
type Finding = { readonly check: string; readonly status: string; readonly saw: string; readonly advice?: string };

const doctor = async (place: Place, env: Readonly<Record<string, string>> = {}) => {
  const run = place.start(["doctor", "--json"], env);
  const { code } = await run.ended;
  const { findings }: { readonly findings: readonly Finding[] } = JSON.parse(run.out());
  const find = (check: string): Finding | undefined => findings.find((finding) => finding.check === check);
  return { code, findings, find, out: run.out(), err: run.err() };
};

const bucket = async (options: S3DoubleOptions = {}) => {
  const double = await startS3Double(options);
  onTestFinished(() => double.close());
  return { double, env: s3Env(double) };
};

test("a bucket and a disk that are fit: 0, and nothing is left behind on either", async () => {
  const place = createStoryPlace(bin);
  const { double, env } = await bucket();
  double.put("app/knowledge_graph.json", graphOf("one"));
  double.put("app/.kgsync/probe", "somebody's");
  const { code, findings, find, out } = await doctor(place, env);
  expect(findings.filter(({ status }) => status === "problem")).toEqual([]);
  expect(code).toBe(0);
  expect(find("bucket.get")?.saw).toContain("is valid");
  expect(find("bucket.put")?.saw).toContain("conditions are honoured");
  expect(find("clock")?.status).toBe("ok");
  expect(find("credentials")?.saw).toContain("AWS_ACCESS_KEY_ID");
  expect(out).not.toContain("a-secret");
  expect([...double.objects.keys()].sort()).toEqual(["app/.kgsync/probe", "app/knowledge_graph.json"]);
  expect(double.objects.get("app/.kgsync/probe")?.body.toString()).toBe("somebody's");
  expect(place.filesBelow(place.cwd)).toEqual([]);
});

test("for people: a line for each, what to do below it, and no colour in a pipe", async () => {
  const place = createStoryPlace(bin);
  mkdirSync(place.bucket);
  const run = place.start(["doctor"]);
  expect((await run.ended).code).toBe(0);
  expect(run.out()).toMatch(/^warning +bucket\.get +the bucket has no graph yet.*\n +→ If there should be one/m);
  expect(run.out()).toMatch(/\n\n0 problems, \d+ warnings?\n$/);
  expect(run.out()).not.toContain("\u001b");
  expect(place.objects()).toEqual([]);
});

test("a store that ignores conditions: 78, as `run` would end", async () => {
  const place = createStoryPlace(bin);
  const { double, env } = await bucket({ profile: "ignore-all" });
  const { code, find } = await doctor(place, env);
  expect([code, find("bucket.put")?.status]).toEqual([78, "problem"]);
  expect(find("bucket.put")?.saw).toContain("If-None-Match");
  expect([...double.objects.keys()]).toEqual([]);
});

test("a key that may only read: 77, and the put is what is denied", async () => {
  const place = createStoryPlace(bin);
  const { double, env } = await bucket();
  double.put("app/knowledge_graph.json", graphOf("one"));
  double.faults.add({ operation: "PutObject" }, { kind: "status", status: 403, code: "AccessDenied" });
  const { code, find } = await doctor(place, env);
  expect(code).toBe(77);
  expect([find("bucket.list")?.status, find("bucket.get")?.status, find("bucket.put")?.status]).toEqual([
    "ok",
    "ok",
    "problem",
  ]);
});

test("a bucket that keeps everything: a warning, for only pruning needs to delete", async () => {
  const place = createStoryPlace(bin);
  const { double, env } = await bucket();
  double.put("app/knowledge_graph.json", graphOf("one"));
  double.faults.add({ operation: "DeleteObject" }, { kind: "status", status: 403, code: "AccessDenied" });
  const { code, find } = await doctor(place, env);
  expect([code, find("bucket.delete")?.status]).toEqual([0, "warning"]);
  expect(find("bucket.delete")?.saw).toContain(".kgsync/doctor stays there");
});

test("nobody listens: 69, and the disk is looked at all the same", async () => {
  const place = createStoryPlace(bin);
  const { double, env } = await bucket();
  await double.close();
  const { code, find } = await doctor(place, env);
  expect(code).toBe(69);
  expect([find("disk.graph")?.status, find("bucket.list")?.status, find("bucket.put")]).toEqual([
    "ok",
    "problem",
    undefined,
  ]);
});

test("a folder that is not there is not made; an invalid graph is 65", async () => {
  const place = createStoryPlace(bin);
  const absent = await doctor(place);
  expect([absent.code, absent.find("bucket.list")?.status]).toEqual([0, "warning"]);
  expect(place.filesBelow(place.root)).not.toContain("bucket");
  place.setRemote('{"half');
  const invalid = await doctor(place);
  expect([invalid.code, invalid.find("bucket.get")?.saw]).toEqual([65, expect.stringContaining("not valid")]);
});

test("another folder's app: the graph that a process has elsewhere is pointed at", async () => {
  const place = createStoryPlace(bin);
  const app = place.run({ save: graphOf("one") });
  await app.waitForEvent("push.stored");
  const elsewhere = join(place.root, "elsewhere");
  mkdirSync(elsewhere);
  const { find } = await doctor(place, { KGSYNC_CWD: elsewhere });
  expect(find("cwd")).toMatchObject({ status: "warning", saw: expect.stringContaining(place.graph) });
  const beside = await doctor(place);
  expect(beside.find("running")?.saw).toContain("running");
  app.signal("SIGTERM");
  expect((await app.ended).code).toBe(143);
});
