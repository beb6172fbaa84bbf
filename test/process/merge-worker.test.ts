import { cpSync, existsSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test, vi } from "vitest";
import { createStoryPlace, graphOf } from "../support/story-place.ts";
import { tempDir } from "../support/temp-dir.ts";
import { useBundle } from "../support/use-bundle.ts";

const bin = useBundle();

/** The bundle, with another script for its thread; `REAL` in it is the path of the one that it shipped with. */
const bundleWith = (script: string): (() => string) => {
  const folder = join(tempDir(), "dist");
  cpSync(dirname(bin()), folder, { recursive: true });
  const [worker, real] = [join(folder, "merge-worker.cjs"), join(folder, "real-worker.cjs")];
  renameSync(worker, real);
  writeFileSync(worker, `const REAL = ${JSON.stringify(real)};\n${script}`);
  return () => join(folder, "kgsync.cjs");
};

/** The thread leaves the file `here`, and does nothing until there is a file `go`. */
const gated = (folder: string) => {
  const [here, go] = [join(folder, "here"), join(folder, "go")];
  const bundle = bundleWith(`
    const { existsSync, writeFileSync } = require("node:fs");
    writeFileSync(${JSON.stringify(here)}, "");
    const nothing = new Int32Array(new SharedArrayBuffer(4));
    while (!existsSync(${JSON.stringify(go)})) Atomics.wait(nothing, 0, 0, 20);
    require(REAL);
  `);
  const reached = () => vi.waitFor(() => expect(existsSync(here)).toBe(true), { timeout: 60_000 });
  return { bundle, reached, release: () => writeFileSync(go, "") };
};

/** A graph of six megabytes, most of which everybody has. */
const large = (...names: readonly string[]): string => {
  const graph = JSON.parse(graphOf("first", ...names));
  const rows = Array.from({ length: 80_000 }, (_, n) => ({ id: n, text: "x".repeat(60) }));
  return JSON.stringify({ ...graph, repository_structure: { rows } });
};

const services = (text: string | undefined): readonly string[] => Object.keys(JSON.parse(text ?? "{}").services).sort();

test("a signal that comes while a large graph is being merged is forwarded, and the merge is in the bucket at the end", async () => {
  const gate = gated(tempDir());
  const place = createStoryPlace(gate.bundle);
  place.setRemote(large());
  const run = place.run({ onTerm: { exit: 0 } }, { KGSYNC_GRACE: "5m" });
  await run.waitForLine(/app: ready/);
  expect(place.local()?.length).toBeGreaterThan(6 * 1024 * 1024);
  place.setRemote(large("theirs"));
  place.setLocal(large("ours"));
  await gate.reached();

  run.signal("SIGTERM");
  await vi.waitFor(() => expect(place.marks()).toEqual(["started", "term"]), { timeout: 60_000 });
  expect(services(place.remote())).toEqual(["first", "theirs"]);
  gate.release();
  expect(await run.ended).toEqual({ code: 0, signal: null });
  expect(services(place.remote())).toEqual(["first", "ours", "theirs"]);
  expect(place.local()).toBe(place.remote());
});

test("a thread that fails: theirs stays in the bucket, ours on the disk and whole in the bucket, and the code tells", async () => {
  const place = createStoryPlace(bundleWith('throw new Error("it broke");'));
  place.setRemote(large());
  const run = place.run({});
  await run.waitForLine(/app: ready/);
  const [theirs, ours] = [large("theirs"), large("ours")];
  place.setRemote(theirs);
  place.setLocal(ours);
  expect(await run.waitForEvent("merge.refused")).toMatchObject({ why: "the merge failed: it broke" });
  run.signal("SIGTERM");
  const { code } = await run.ended;
  expect([code, place.remote() === theirs, place.local() === ours]).toEqual([75, true, true]);
  const kept = place.objects().filter((name) => name.includes("/conflicts/"));
  expect(kept.map((name) => place.textAt(join(place.bucket, name)) === ours)).toEqual([true]);
});

test("a merge that does not come to an end holds nobody up: kgsync is out when its grace is over", async () => {
  const gate = gated(tempDir());
  const place = createStoryPlace(gate.bundle);
  place.setRemote(large());
  const run = place.run({}, { KGSYNC_GRACE: "3s" });
  await run.waitForLine(/app: ready/);
  place.setRemote(large("theirs"));
  place.setLocal(large("ours"));
  await gate.reached();
  run.signal("SIGTERM");
  expect(await run.ended).toEqual({ code: 75, signal: null });
  expect([services(place.remote()), services(place.local())]).toEqual([
    ["first", "theirs"],
    ["first", "ours"],
  ]);
});
