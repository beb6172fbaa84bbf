import { spawnSync } from "node:child_process";
import { lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { devNull } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { encodeGraph } from "../../scripts/go-graph.ts";
import { nodeSha256 } from "../../src/adapters/node-sha256.ts";
import { sampleGraph } from "../support/sample-graph.ts";
import { tempDir } from "../support/temp-dir.ts";
import { useBundle } from "../support/use-bundle.ts";

const bin = useBundle();

type Files = Readonly<Record<string, string | Uint8Array>>;

const folderWith = (files: Files): string => {
  const folder = tempDir();
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
};

/** Runs the real program to its end; it takes nothing from the environment but PATH. */
const mergeFile = (cwd: string, ...args: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin(), "merge-file", ...args], {
    cwd,
    env: { PATH: process.env["PATH"], KGSYNC_LOG_FORMAT: "json" },
    maxBuffer: 64 * 1024 * 1024,
  });
  return { code: status, out: stdout.toString(), log: stderr.toString() };
};

const text = (...path: readonly string[]): string => readFileSync(join(...path), "utf8");

const BASE = '{"last_updated":"2025-01-01T00:00:00Z","a":1,"list":["x"]}';
const OURS = '{"last_updated":"2025-01-03T00:00:00Z","a":1,"list":["x","ours"]}';
const THEIRS = '{"last_updated":"2025-01-02T00:00:00Z","a":2,"list":["x"]}';
const MERGED = '{"last_updated":"2025-01-03T00:00:00Z","a":2,"list":["x","ours"]}';
const RIVAL = '{"last_updated":"2025-01-02T00:00:00Z","a":2,"list":["x","theirs"]}';

describe("kgsync merge-file", () => {
  test("0: clean, the result and nothing else on stdout", () => {
    const folder = folderWith({ base: BASE, ours: OURS, theirs: THEIRS });
    expect(mergeFile(folder, "base", "ours", "theirs")).toEqual({ code: 0, out: MERGED, log: "" });
    expect(readdirSync(folder).sort()).toEqual(["base", "ours", "theirs"]);
  });

  test("1: conflicts are chosen, told and recorded, with the paths and digests of all documents", () => {
    const theirs = RIVAL.replace('"a":2', '"a":3');
    const folder = folderWith({ base: BASE, ours: OURS.replace('"a":1', '"a":2.50'), theirs });
    const { code, out, log } = mergeFile(
      folder,
      "--report",
      "record.json",
      "base",
      "ours",
      "theirs",
      "--output=result",
    );
    expect([code, out]).toEqual([1, ""]);
    const result = text(folder, "result");
    expect(JSON.parse(result)).toMatchObject({ a: 2.5, list: expect.arrayContaining(["ours", "theirs"]) });
    expect(JSON.parse(log)).toMatchObject({ event: "merge-file.conflicts", count: 1, first: ["/a (edit/edit): ours"] });
    const written = text(folder, "record.json");
    expect(written).toContain('"ours": 2.50'); // as it stood in the document
    const digest = (content: string): string => nodeSha256(new TextEncoder().encode(content));
    expect(JSON.parse(written)).toMatchObject({
      kind: "merge",
      policy: "newest",
      base: { sha256: digest(BASE), key: "base" },
      theirs: { sha256: digest(theirs), key: "theirs" },
      result: { sha256: digest(result), key: "result" },
      conflicts: [{ pointer: "/a", kind: "edit/edit", chosen: "ours", base: 1, ours: 2.5, theirs: 3 }],
      warnings: [],
    });
  });

  test.each([
    ["newest", 2],
    ["ours", 2],
    ["theirs", 3],
  ])("--on-conflict %s decides", (policy, a) => {
    const [ours, theirs] = [OURS.replace('"a":1', '"a":2'), THEIRS.replace('"a":2', '"a":3')];
    const folder = folderWith({ base: BASE, ours, theirs });
    const { code, out } = mergeFile(folder, "base", "ours", "theirs", "--on-conflict", policy);
    expect([code, JSON.parse(out).a]).toEqual([1, a]);
  });

  test.each([
    ["cut off", '{"a":', THEIRS, "ours"],
    ["empty", "", THEIRS, "ours"],
    ["a key twice", OURS, '{"a":1,"a":2}', "theirs"],
    ["not UTF-8", OURS, new Uint8Array([0x22, 0xff, 0x22]), "theirs"],
    ["cut off, and the other as before", BASE, '{"a":', "theirs"],
  ])("2: refused (%s), and the files are as they were", (_, ours, theirs, named) => {
    const folder = folderWith({ base: BASE, ours, theirs, report: "old" });
    const { code, out, log } = mergeFile(folder, "base", "ours", "theirs", "--output", "ours", "--report", "report");
    expect([code, out]).toEqual([2, ""]);
    expect(JSON.parse(log)).toMatchObject({ event: "merge-file.refused", msg: expect.stringContaining(`${named}: `) });
    expect(readFileSync(join(folder, "ours"))).toEqual(Buffer.from(ours));
    expect(text(folder, "report")).toBe("old");
  });

  test("2: refused when the app could load both, but not what they make together", () => {
    // ours is no graph of the app's yet, theirs is one; with both the app would meet a service that is a number
    const base = '{"version":"1.0.0","last_updated":"2025-01-01T00:00:00Z","services":{}}';
    const [ours, theirs] = [base.replace("{}", '{"x":5}'), base.replace("{}}", '{},"patterns":{}}')];
    const folder = folderWith({ base, ours, theirs });
    const { code, out, log } = mergeFile(folder, "base", "ours", "theirs");
    expect([code, out]).toEqual([2, ""]);
    expect(JSON.parse(log)).toMatchObject({
      event: "merge-file.refused",
      msg: expect.stringContaining("the app could"),
    });
  });

  test("an empty base: both added the document", () => {
    const folder = folderWith({ ours: '{"a":1,"b":1}', theirs: '{"b":2,"c":3}' });
    const { code, out } = mergeFile(folder, devNull, "ours", "theirs", "--on-conflict", "ours", "--report", "report");
    expect([code, JSON.parse(out)]).toEqual([1, { a: 1, b: 1, c: 3 }]);
    const report = JSON.parse(text(folder, "report"));
    expect(report.conflicts).toMatchObject([{ pointer: "/b", kind: "add/add" }]);
    expect(Object.keys(report)).not.toContain("base");
  });

  test("JSON Lines by the name, or by --path", () => {
    const [base, ours, theirs] = ['{"id":1}\n', '{"id":1}\n{"id":2}\n', '{"id":0}\n{"id":1}\n'];
    const folder = folderWith({ base, "ours.jsonl": ours, ours, theirs });
    const merged = { code: 0, out: '{"id":0}\n{"id":1}\n{"id":2}\n', log: "" };
    expect(mergeFile(folder, "base", "ours.jsonl", "theirs")).toEqual(merged);
    expect(mergeFile(folder, "base", "ours", "theirs", "--path", "a/b.jsonl")).toEqual(merged);
    expect(mergeFile(folder, "base", "ours", "theirs").code).toBe(2);
  });

  test("--identity: the elements of one list are told apart by keys of their own", () => {
    const items = (...rows: readonly object[]): string => JSON.stringify({ id: 0, rows });
    const base = items({ sku: 1, v: 1, w: 1 }, { sku: 2 });
    const ours = items({ sku: 1, v: 2, w: 1 }, { sku: 2 });
    const theirs = items({ sku: 1, v: 1, w: 2 }, { sku: 2 });
    const folder = folderWith({ base, ours, theirs });
    const { code, out } = mergeFile(folder, "base", "--identity", "/rows=sku", "ours", "theirs");
    expect([code, out]).toEqual([0, items({ sku: 1, v: 2, w: 2 }, { sku: 2 })]);
    expect(mergeFile(folder, "base", "ours", "theirs").code).toBe(1);
    const lines = folderWith({ base: "", ours: '{"k":1,"o":1}\n', theirs: '{"k":1,"t":1}\n' });
    const merged = mergeFile(lines, "base", "ours", "theirs", "--path", "x.jsonl", "--identity", "=k");
    expect([merged.code, merged.out.trim().split("\n").length]).toEqual([0, 1]);
  });

  test("large documents, in a thread that the bundle finds: also by a link, and from another folder", () => {
    const padding = Array.from({ length: 400_000 }, (_, n) => 1e6 + n);
    const large = (text: string): string => text.replace('"a":', `"padding":[${padding.join(",")}],"a":`);
    const folder = folderWith({ base: large(BASE), ours: large(OURS), theirs: large(THEIRS) });
    expect(mergeFile(folder, "base", "ours", "theirs", "--output", "result")).toEqual({ code: 0, out: "", log: "" });
    expect(text(folder, "result")).toBe(large(MERGED));
    symlinkSync(bin(), join(folder, "kgsync"));
    const linked = spawnSync(
      process.execPath,
      ["kgsync", "merge-file", "base", "ours", "theirs", "--output", "again"],
      {
        cwd: folder,
      },
    );
    expect([linked.status, text(folder, "again")]).toEqual([0, large(MERGED)]);
    const torn = large(THEIRS).slice(0, -1);
    writeFileSync(join(folder, "theirs"), torn);
    const { code, log } = mergeFile(folder, "base", "ours", "theirs", "--output", "ours");
    expect([code, log, text(folder, "ours")]).toEqual([
      2,
      expect.stringContaining("theirs: it is not json"),
      large(OURS),
    ]);
  });

  test("into a pipe the bytes are written, it is not replaced; a link is followed", () => {
    const folder = folderWith({ base: BASE, ours: OURS, theirs: THEIRS, real: "" });
    const script = 'mkfifo pipe && { cat pipe >got & "$0" "$1" merge-file base ours theirs --output pipe && wait; }';
    expect(spawnSync("sh", ["-c", script, process.execPath, bin()], { cwd: folder }).status).toBe(0);
    expect(text(folder, "got")).toBe(MERGED);
    symlinkSync("real", join(folder, "link"));
    expect(mergeFile(folder, "base", "ours", "theirs", "--output", "link").code).toBe(0);
    expect([text(folder, "real"), lstatSync(join(folder, "link")).isSymbolicLink()]).toEqual([MERGED, true]);
  });

  test("files that cannot be read or written: 74, and who", () => {
    const folder = folderWith({ base: BASE, ours: OURS, theirs: THEIRS });
    const missing = mergeFile(folder, "base", "ours", "nowhere");
    expect([missing.code, missing.log]).toEqual([74, expect.stringContaining("nowhere cannot be read")]);
    mkdirSync(join(folder, "folder"));
    const unwritable = mergeFile(folder, "base", "ours", "theirs", "--output", "folder");
    expect([unwritable.code, unwritable.log]).toEqual([74, expect.stringContaining("folder cannot be written")]);
    const script = '"$0" "$1" merge-file base ours theirs >/dev/full';
    expect(spawnSync("sh", ["-c", script, process.execPath, bin()], { cwd: folder }).status).toBe(74);
    // the record comes first: a result whose record is missing would hide what it left out
    const unrecorded = mergeFile(folder, "base", "ours", "theirs", "--output", "ours", "--report", "folder");
    expect([unrecorded.code, text(folder, "ours")]).toEqual([74, OURS]);
  });
});

describe("as git's merge driver", () => {
  const git = (cwd: string, ...args: readonly string[]) => {
    const env = {
      PATH: process.env["PATH"],
      HOME: cwd,
      GIT_CONFIG_NOSYSTEM: "1",
      ...Object.fromEntries(
        ["AUTHOR", "COMMITTER"].flatMap((who) => [
          [`GIT_${who}_NAME`, "T"],
          [`GIT_${who}_EMAIL`, "t@example.org"],
        ]),
      ),
    };
    const { status, stdout, stderr } = spawnSync("git", args, { cwd, env });
    return { code: status, out: stdout.toString(), err: stderr.toString() };
  };

  const commit = (folder: string, files: Files, message: string): void => {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    git(folder, "add", "--all");
    expect(git(folder, "commit", "--quiet", "--message", message)).toMatchObject({ code: 0 });
  };

  /** A repository on the branch `ours`, with another one, `theirs`; `base` may lack what both add. */
  const repository = (base: Files, ours: Files, theirs: Files): string => {
    const folder = tempDir();
    git(folder, "init", "--quiet", "--initial-branch", "ours");
    const driver = `'${process.execPath}' '${bin()}' merge-file %O %A %B --output %A --path %P --report merge.report`;
    git(folder, "config", "merge.kgsync.driver", driver);
    const attributes = "*.json merge=kgsync\n*.jsonl merge=kgsync\n";
    commit(folder, { ".gitattributes": attributes, ".gitignore": "merge.report\n", ...base }, "base");
    git(folder, "checkout", "--quiet", "-b", "theirs");
    commit(folder, theirs, "theirs");
    git(folder, "checkout", "--quiet", "ours");
    commit(folder, ours, "ours");
    return folder;
  };

  test("two real graphs, each with a service more, become one without a conflict", () => {
    const graph = sampleGraph();
    const withService = (name: string, lastUpdated: string): string =>
      encodeGraph({
        ...graph,
        last_updated: lastUpdated,
        services: {
          ...graph.services,
          [name]: { name, category: "c", dependencies: ["user"], metadata: { a: "<b>" } },
        },
      });
    const [ours, theirs] = [withService("bbb", "2026-01-02T00:00:00Z"), withService("aaa", "2026-01-01T00:00:00Z")];
    const folder = repository({ "g.json": encodeGraph(graph) }, { "g.json": ours }, { "g.json": theirs });
    expect(git(folder, "merge", "theirs", "--no-edit")).toMatchObject({ code: 0 });
    const service = (name: string) => ({ name, category: "c", dependencies: ["user"], metadata: { a: "<b>" } });
    const both = { ...graph.services, aaa: service("aaa"), bbb: service("bbb") };
    expect(text(folder, "g.json")).toBe(
      encodeGraph({ ...graph, last_updated: "2026-01-02T00:00:00Z", services: both }),
    );
    expect(git(folder, "status", "--porcelain").out).toBe("");
  });

  test("a conflict: git stops at a valid document, and the report has both", () => {
    const ours = OURS.replace('"a":1', '"a":7');
    const folder = repository({ "g.json": BASE }, { "g.json": ours }, { "g.json": THEIRS });
    const { code, out } = git(folder, "merge", "theirs", "--no-edit");
    expect([code, out]).toEqual([1, expect.stringContaining("g.json")]);
    expect(git(folder, "status", "--porcelain").out).toBe("UU g.json\n");
    expect(JSON.parse(text(folder, "g.json"))).toMatchObject({ a: 7, list: ["x", "ours"] });
    const conflict = { pointer: "/a", chosen: "ours", base: 1, ours: 7, theirs: 2 };
    expect(JSON.parse(text(folder, "merge.report")).conflicts).toMatchObject([conflict]);
    git(folder, "add", "g.json");
    expect(git(folder, "commit", "--no-edit")).toMatchObject({ code: 0 });
  });

  test("both added the file, in JSON Lines", () => {
    const [ours, theirs] = [{ "e.jsonl": '{"id":1}\n' }, { "e.jsonl": '{"id":2}\n' }];
    const folder = repository({ "other.txt": "" }, ours, theirs);
    expect(git(folder, "merge", "theirs", "--no-edit")).toMatchObject({ code: 0 });
    expect(text(folder, "e.jsonl").trim().split("\n").sort()).toEqual(['{"id":1}', '{"id":2}']);
  });

  test("refused: git stops, and the file is ours", () => {
    const folder = repository({ "g.json": BASE }, { "g.json": OURS }, { "g.json": '{"a":' });
    expect(git(folder, "merge", "theirs", "--no-edit").code).toBe(1);
    expect(git(folder, "status", "--porcelain").out).toBe("UU g.json\n");
    expect(text(folder, "g.json")).toBe(OURS);
  });
});
