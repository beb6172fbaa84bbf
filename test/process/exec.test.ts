import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fixture } from "../support/child-box.ts";
import { createStoryPlace, graphOf } from "../support/story-place.ts";
import { useBundle } from "../support/use-bundle.ts";

const bin = useBundle();

/** `kgsync exec` of a tool, with a folder of the test's own for the copies. */
const createExecPlace = () => {
  const place = createStoryPlace(bin);
  const copies = join(place.root, "copies");
  mkdirSync(copies);
  const exec = (command: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    place.start(["exec", "--", ...command], { TMPDIR: copies, ...env });
  const app = (first: object) => [process.execPath, fixture("story-app.mjs"), JSON.stringify(first)];
  return { ...place, exec, app, copies: () => readdirSync(copies).map((name) => join(copies, name)) };
};

const node = (script: string, ...args: readonly string[]): readonly string[] => [
  process.execPath,
  "-e",
  script,
  ...args,
];

test("a tool beside a running app works on a copy, and both their changes are in the bucket", async () => {
  const place = createExecPlace();
  const app = place.run({ save: graphOf("one") });
  await app.waitForEvent("push.stored");
  const tool = place.exec(place.app({ save: graphOf("one", "of-the-tool"), exit: 0 }));
  expect(await tool.ended).toEqual({ code: 0, signal: null });
  expect(place.remote()).toContain("of-the-tool");
  expect(place.local()).toBe(graphOf("one"));
  app.say(JSON.stringify({ save: graphOf("one", "of-the-app") }));
  await app.waitForEvent("push.stored", 2);
  for (const name of ["one", "of-the-tool", "of-the-app"]) expect(place.remote()).toContain(`"${name}"`);
  app.signal("SIGTERM");
  expect((await app.ended).code).toBe(143);
  expect(place.copies()).toEqual([]);
});

test("what the app saved while the tool ran is not lost, and neither is the tool's change", async () => {
  const place = createExecPlace();
  const app = place.run({ save: graphOf("one") });
  await app.waitForEvent("push.stored");
  const tool = place.exec(place.app({}));
  await tool.waitForLine(/app: ready/);
  app.say(JSON.stringify({ save: graphOf("one", "of-the-app") }));
  await app.waitForEvent("push.stored", 2);
  tool.say(JSON.stringify({ save: graphOf("one", "of-the-tool"), exit: 0 }));
  expect((await tool.ended).code).toBe(0);
  for (const name of ["one", "of-the-tool", "of-the-app"]) expect(place.remote()).toContain(`"${name}"`);
  app.signal("SIGTERM");
  expect((await app.ended).code).toBe(143);
});

test("tools side by side: what each of them added is in the bucket", async () => {
  const place = createExecPlace();
  place.setRemote(graphOf("zero"));
  const names = ["one", "two", "three", "four"];
  const tools = names.map((name) => ({ name, tool: place.exec(place.app({})) }));
  for (const { tool } of tools) await tool.waitForLine(/app: ready/);
  for (const { name, tool } of tools) tool.say(JSON.stringify({ save: graphOf("zero", name), exit: 0 }));
  for (const { tool } of tools) expect(await tool.ended).toEqual({ code: 0, signal: null });
  expect(Object.keys(JSON.parse(place.remote() ?? "").services).sort()).toEqual(["zero", ...names].sort());
  expect(place.copies()).toEqual([]);
});

test("the files of the settings are neither read nor written, and nobody needs to own them", async () => {
  const place = createExecPlace();
  place.setRemote(graphOf("in-the-bucket"));
  place.setLocal("not even JSON");
  const before = place.filesBelow(place.cwd);
  const tool = place.exec(node("process.stdout.write(require('fs').readFileSync('amadeus/knowledge_graph.json'))"));
  expect((await tool.ended).code).toBe(0);
  expect(tool.out()).toBe(graphOf("in-the-bucket"));
  expect(place.local()).toBe("not even JSON");
  expect(place.filesBelow(place.cwd)).toEqual(before);
  expect([place.terminationLog(), place.copies()]).toEqual(["", []]);
});

const SHOW = `const fs = require("fs");
const { KGSYNC_GRAPH, KGSYNC_BACKUPS } = process.env;
console.log(JSON.stringify({ cwd: process.cwd(), args: process.argv.slice(1), KGSYNC_GRAPH, KGSYNC_BACKUPS,
  mode: fs.statSync(process.env.TMPDIR + "/" + fs.readdirSync(process.env.TMPDIR)[0]).mode & 0o777,
  graph: fs.readFileSync(KGSYNC_GRAPH, "utf8"), backups: KGSYNC_BACKUPS && fs.readdirSync(KGSYNC_BACKUPS) }))`;

test.for([
  { settings: {}, relative: "amadeus/knowledge_graph.json", backups: "amadeus/backups" },
  {
    settings: { KGSYNC_GRAPH: "../../data/g.json", KGSYNC_BACKUPS: "b" },
    relative: "../../data/g.json",
    backups: "b",
  },
  { settings: { KGSYNC_GRAPH: "g.json", KGSYNC_BACKUPS: "" }, relative: "g.json", backups: undefined },
])("a tool with built-in relative paths finds the copy there: $relative", async ({ settings, relative, backups }) => {
  const place = createExecPlace();
  place.setRemote(graphOf("one"));
  place.put(join(place.bucket, "backups/old.json"), "{}");
  const tool = place.exec(node(SHOW, "{graph}", "--to={backups}/x"), settings);
  expect((await tool.ended).code).toBe(0);
  const seen = JSON.parse(tool.out());
  expect(seen).toMatchObject({ mode: 0o700, graph: graphOf("one"), KGSYNC_GRAPH: join(seen.cwd, relative) });
  expect(seen.KGSYNC_BACKUPS).toBe(backups === undefined ? "" : join(seen.cwd, backups));
  expect(seen.backups).toEqual(backups === undefined ? "" : ["old.json"]);
  expect(seen.args).toEqual([seen.KGSYNC_GRAPH, `--to=${seen.KGSYNC_BACKUPS}/x`]);
  expect(place.copies()).toEqual([]);
});

test("where the graph's path is absolute, the tool stays where it was called, and has the copy's path", async () => {
  const place = createExecPlace();
  place.setRemote(graphOf("one"));
  const settings = { KGSYNC_GRAPH: place.graph, KGSYNC_BACKUPS: place.backups, KGSYNC_CHILD_ENV: "clean" };
  const tool = place.exec(node(SHOW), settings);
  expect((await tool.ended).code).toBe(0);
  const seen = JSON.parse(tool.out());
  expect(seen).toMatchObject({ cwd: place.cwd, graph: graphOf("one"), backups: [] });
  expect(seen.KGSYNC_GRAPH).toMatch(/\/copies\/.*\/knowledge_graph\.json$/);
  expect(seen.KGSYNC_BACKUPS).toMatch(/\/copies\/.*\/backups$/);
});

test("a program that is named by a relative path is looked for where the command was typed", async () => {
  const place = createExecPlace();
  place.put(join(place.cwd, "tools/do-it"), "#!/bin/sh\necho done by $1\n");
  chmodSync(join(place.cwd, "tools/do-it"), 0o755);
  const tool = place.exec(["./tools/do-it", "it"]);
  expect(await tool.ended).toEqual({ code: 0, signal: null });
  expect(tool.out()).toBe("done by it\n");
  const missing = place.exec(["./tools/nothing"]);
  expect((await missing.ended).code).toBe(127);
  expect(place.copies()).toEqual([]);
});

test("new backups of the tool are in the bucket too", async () => {
  const place = createExecPlace();
  place.setRemote(graphOf("one"));
  const tool = place.exec(place.app({ file: ["amadeus/backups/new.json", "{}"], exit: 0 }));
  expect((await tool.ended).code).toBe(0);
  expect(place.objects()).toContain("backups/new.json");
  expect(existsSync(place.backups)).toBe(false);
});

test("what a tool that failed had changed is merged too, and its code is the command's", async () => {
  const place = createExecPlace();
  const tool = place.exec(place.app({ save: graphOf("before-it-failed"), exit: 3 }));
  expect((await tool.ended).code).toBe(3);
  expect(place.remote()).toBe(graphOf("before-it-failed"));
  expect(place.copies()).toEqual([]);
});

test("a graph that the tool left torn does not reach the bucket, and the copy stays", async () => {
  const place = createExecPlace();
  place.setRemote(graphOf("one"));
  const tool = place.exec(place.app({ save: '{"torn', exit: 0 }));
  expect((await tool.ended).code).toBe(75);
  expect(place.remote()).toBe(graphOf("one"));
  const [copy = ""] = place.copies();
  expect(tool.logs().at(-1)).toMatchObject({ event: "end", data: "unsafe", msg: expect.stringContaining(copy) });
  expect(place.textAt(join(copy, "cwd/amadeus/knowledge_graph.json"))).toBe('{"torn');
});

test("when the bucket is gone at the end, the code is 75, and the last line's command brings the copy there", async () => {
  const place = createExecPlace();
  place.setRemote(graphOf("one"));
  const tool = place.exec(place.app({}), { KGSYNC_FINAL_TIMEOUT: "300ms" });
  await tool.waitForLine(/app: ready/);
  const aside = `${place.bucket}-aside`;
  renameSync(place.bucket, aside);
  writeFileSync(place.bucket, "a file where the folder was");
  tool.say(JSON.stringify({ save: graphOf("one", "two"), exit: 0 }));
  expect((await tool.ended).code).toBe(75);
  const [copy = ""] = place.copies();
  const last = tool.logs().at(-1);
  expect(last).toMatchObject({ event: "end", data: "unsafe", recover: expect.stringContaining(copy) });
  expect(last?.msg).toContain(copy);
  expect(statSync(copy).mode & 0o777).toBe(0o700);
  rmSync(place.bucket);
  renameSync(aside, place.bucket);
  const command = String(last?.["recover"]).replace(/^kgsync/, `'${process.execPath}' '${bin()}'`);
  execFileSync("/bin/sh", ["-c", command], { env: { PATH: process.env["PATH"] ?? "" }, stdio: "pipe" });
  expect(place.remote()).toBe(graphOf("one", "two"));
});

test("a TERM reaches the tool, what it saved on it is in the bucket, and nothing is left", async () => {
  const place = createExecPlace();
  const tool = place.exec(place.app({ onTerm: { save: graphOf("at-the-end"), exit: 7 } }));
  await tool.waitForLine(/app: ready/);
  tool.signal("SIGTERM");
  expect((await tool.ended).code).toBe(7);
  expect([place.remote(), place.copies()]).toEqual([graphOf("at-the-end"), []]);
});

test("a tool that was never started leaves nothing: the bucket's graph is invalid, or its settings are", async () => {
  const place = createExecPlace();
  place.setRemote("{");
  expect((await place.exec(place.app({})).ended).code).toBe(65);
  expect((await place.exec(place.app({}), { TMPDIR: join(place.root, "nowhere") }).ended).code).toBe(74);
  expect([place.marks(), place.copies(), place.terminationLog()]).toEqual([[], [], ""]);
});
