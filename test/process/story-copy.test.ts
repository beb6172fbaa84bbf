import { join } from "node:path";
import { expect, test } from "vitest";
import { startS3Double } from "../support/s3-double/start-s3-double.ts";
import { createStoryPlace, graphOf, s3Env } from "../support/story-place.ts";
import { useBundle } from "../support/use-bundle.ts";

const bin = useBundle();

test("an app moves from a folder to S3 and back: nothing is lost, and its copies go on as if nothing had happened", async () => {
  const place = createStoryPlace(bin);
  const double = await startS3Double();
  const { KGSYNC_BUCKET: s3 = "", ...aws } = s3Env(double);
  const kgsync = async (args: readonly string[], env = {}) => {
    const run = place.start(args, { ...aws, ...env });
    const { code } = await run.ended;
    return { code, out: run.out(), logs: run.logs() };
  };
  place.setLocal(graphOf("a"));
  place.put(join(place.backups, "knowledge_graph_20260101_000000.json"), graphOf("old"));
  expect((await kgsync(["push"])).code).toBe(0);
  place.setLocal(graphOf("a", "b"));
  expect((await kgsync(["push"])).code).toBe(0);

  const folder = `file://${place.bucket}`;
  const dry = await kgsync(["copy", "--dry-run", folder, s3]);
  expect([dry.code, dry.out]).toEqual([0, expect.stringMatching(/^3 objects .* would be copied, 0 there before$/m)]);
  const there = await kgsync(["copy", folder, s3, "--json"]);
  expect([there.code, JSON.parse(there.out)]).toMatchObject([
    0,
    { whole: true, graph: "create", objects: { create: 3 } },
  ]);
  const again = await kgsync(["copy", folder, s3]);
  expect([again.code, again.out]).toEqual([0, expect.stringContaining("0 objects")]);

  // The same disk, on the new bucket: known for the same version, and the next save is one of many.
  const moved = { KGSYNC_BUCKET: s3 };
  expect((await kgsync(["status"], moved)).code).toBe(0);
  place.setLocal(graphOf("a", "b", "c"));
  expect((await kgsync(["push"], moved)).code).toBe(0);
  const back = join(place.root, "back");
  expect((await kgsync(["copy", s3, `file://${back}`])).code).toBe(0);
  expect(place.textAt(join(back, "knowledge_graph.json"))).toBe(graphOf("a", "b", "c"));

  // The old place has had a save that the new one does not know: left, and said.
  place.setRemote(graphOf("a", "b", "d"));
  const both = await kgsync(["copy", folder, s3]);
  expect([both.code, both.out]).toEqual([75, expect.stringContaining("both graphs have changed")]);
});

test("documents beside the graph go with it, and so does what is too large for the memory", async () => {
  const place = createStoryPlace(bin);
  const env = {
    KGSYNC_INCLUDE: "etc/memory.jsonl:merge-jsonl,attachments:immutable-set",
    TMPDIR: join(place.root, "tmp"),
  };
  const kgsync = async (args: readonly string[], more = {}) => {
    const run = place.start(args, { ...env, ...more });
    const { code } = await run.ended;
    return { code, out: run.out() };
  };
  place.put(join(place.root, "tmp/other"), "");
  place.put(join(place.cwd, "attachments/big.bin"), "0123456789abcdef".repeat((40 * 1024 * 1024) / 16));
  for (const version of ["one", "two"]) {
    place.setLocal(graphOf(version));
    place.put(join(place.cwd, "etc/memory.jsonl"), `{"id":"${version}"}\n`);
    expect((await kgsync(["push"])).code).toBe(0);
  }
  const to = join(place.root, "to");
  const copied = await kgsync(["copy", `file://${place.bucket}`, `file://${to}`, "--json"]);
  expect([copied.code, JSON.parse(copied.out)]).toMatchObject([0, { whole: true, graph: "create" }]);
  const objects = place.objects().filter((name) => name !== ".kgsync/probe");
  expect(place.filesBelow(to).filter((name) => !name.startsWith(".kgsync-store"))).toEqual(objects);
  expect(objects).toEqual(expect.arrayContaining(["attachments/big.bin", "etc/memory.jsonl"]));
  expect(objects.some((name) => name.startsWith(".kgsync/documents/etc/memory.jsonl/versions/"))).toBe(true);
  for (const name of objects)
    expect(place.textAt(join(to, name)) === place.textAt(join(place.bucket, name)), name).toBe(true);
  expect(place.filesBelow(join(place.root, "tmp"))).toEqual(["other"]);
  expect((await kgsync(["status"], { KGSYNC_BUCKET: `file://${to}` })).code).toBe(0);
});

test("what cannot be copied is refused before anything is written", async () => {
  const place = createStoryPlace(bin);
  place.setRemote(graphOf("a"));
  const refuse = async (...args: readonly string[]) => {
    const run = place.start(["copy", ...args]);
    const { code } = await run.ended;
    return [code, run.err()];
  };
  const folder = `file://${place.bucket}`;
  expect(await refuse(folder, `${folder}/inner`)).toEqual([64, expect.stringContaining("one lies in the other")]);
  expect(await refuse(folder, folder)).toEqual([64, expect.stringContaining("one place")]);
  expect(await refuse(folder, "s3://user:secret@host/x")).toEqual([64, expect.not.stringContaining("secret")]);
  expect(await refuse(`file://${place.root}/nothing`, `file://${place.root}/to`)).toEqual([
    78,
    expect.stringContaining("holds nothing"),
  ]);
  expect(await refuse("nowhere", folder)).toEqual([78, expect.stringContaining("nowhere")]);
});
