import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readlinkSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { startKgsync } from "../support/run-kgsync.ts";
import { createStoryPlace, graphOf } from "../support/story-place.ts";
import { useBundle } from "../support/use-bundle.ts";

const bin = useBundle();
type Place = ReturnType<typeof createStoryPlace>;

const install = async (place: Place, ...args: readonly string[]) => {
  // Without any setting, and with a wrong one: an init container may have neither.
  const run = startKgsync({
    bin: bin(),
    args: ["install", ...args],
    env: { KGSYNC_GRACE: "wrong" },
    cwd: place.cwd,
    whenFinished: onTestFinished,
  });
  const { code } = await run.ended;
  return { code, out: run.out(), logs: run.logs() };
};

test("into an empty folder, and again: the second changes nothing; what was installed runs an app", async () => {
  const place = createStoryPlace(bin);
  const target = join(place.root, "shared");
  const first = await install(place, "--json", target);
  expect(first.code).toBe(0);
  const shown = JSON.parse(first.out);
  expect(shown).toMatchObject({ outcome: "installed", folder: join(target, "kgsync"), node: process.version });
  const names = readdirSync(join(target, "kgsync"));
  expect(names).toEqual(expect.arrayContaining(["kgsync.cjs", "main.cjs", "merge-worker.cjs", "node"]));
  expect(names.filter((name) => name.endsWith(".map"))).toEqual([]);
  expect(statSync(join(target, "kgsync/node")).mode & 0o777).toBe(0o755);
  expect(statSync(join(target, "kgsync/main.cjs")).mode & 0o777).toBe(0o644);

  const before = statSync(join(target, "kgsync/node"));
  const again = await install(place, target);
  expect([again.code, again.out]).toEqual([0, expect.stringMatching(/^already there: /)]);
  expect(statSync(join(target, "kgsync/node"))).toMatchObject({ ino: before.ino, mtimeMs: before.mtimeMs });
  expect(readdirSync(target)).toHaveLength(2);

  // The printed command, as a pod would run it.
  const [node = "", ...rest]: readonly string[] = shown.command;
  const script = `require("node:fs").mkdirSync("amadeus",{recursive:true});require("node:fs").writeFileSync("amadeus/knowledge_graph.json",${JSON.stringify(graphOf("injected"))})`;
  const app = spawn(node, [...rest, process.execPath, "-e", script], {
    cwd: place.cwd,
    env: { PATH: "/usr/bin:/bin", KGSYNC_BUCKET: `file://${place.bucket}` },
    stdio: "ignore",
  });
  expect(await new Promise((resolve) => app.once("exit", resolve))).toBe(0);
  expect(place.remote()).toBe(graphOf("injected"));
});

test("for people: the command, the probe, and what the app's image must have", async () => {
  const place = createStoryPlace(bin);
  const target = join(place.root, "shared");
  const dry = await install(place, "--dry-run", target);
  expect([dry.code, dry.out, existsSync(target)]).toEqual([0, expect.stringMatching(/^would be installed: /), false]);
  const { out } = await install(place, target);
  expect(out).toContain(`command:  ["${target}/kgsync/node","${target}/kgsync/kgsync.cjs","run","--","APP","ARG"]`);
  expect(out).toMatch(/^probe: +\[.*"health"\]$/m);
  expect(out).toMatch(/^needs: +the app's image must have \S+, .*libc/m);
});

test("a newer one takes the place of an older, which whoever runs it keeps; what a killed one left is swept", async () => {
  const place = createStoryPlace(bin);
  const target = join(place.root, "shared");
  await install(place, target);
  const link = join(target, "kgsync");
  const older = readlinkSync(link);
  const other = join(target, ".kgsync-0123456789abcdef");
  mkdirSync(other);
  rmSync(link);
  writeFileSync(link, "in the way"); // whatever it was, it is replaced
  const left = join(target, ".kgsync-tmp-killed");
  const young = join(target, ".kgsync-tmp-at-work");
  for (const folder of [left, young]) mkdirSync(folder);
  utimesSync(left, 1, 1);
  expect((await install(place, target)).code).toBe(0);
  expect(readlinkSync(link)).toBe(older);
  expect([existsSync(other), existsSync(left), existsSync(young)]).toEqual([true, false, true]);
  rmSync(join(target, older), { recursive: true });
  expect((await install(place, target)).code).toBe(0);
  expect([existsSync(join(link, "node")), existsSync(left), existsSync(young)]).toEqual([true, false, true]);
  expect(readdirSync(target).sort()).toEqual(
    [".kgsync-0123456789abcdef", older, ".kgsync-tmp-at-work", "kgsync"].sort(),
  );
});

test("where it cannot be written nothing is left, and the code says disk", async () => {
  const place = createStoryPlace(bin);
  writeFileSync(join(place.root, "file"), "");
  const { code, logs } = await install(place, join(place.root, "file/below"));
  expect(code).toBe(74);
  expect(logs.at(-1)).toMatchObject({ event: "failed", msg: expect.stringContaining("cannot be installed") });
});
