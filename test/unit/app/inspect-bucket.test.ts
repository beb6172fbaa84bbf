import { describe, expect, test } from "vitest";
import { findDocument } from "../../../src/app/find-document.ts";
import { listConflicts } from "../../../src/app/list-conflicts.ts";
import { listHistory } from "../../../src/app/list-history.ts";
import { markResolved } from "../../../src/app/mark-resolved.ts";
import { readConflict } from "../../../src/app/read-conflict.ts";
import { type Resolution, resolveConflict } from "../../../src/app/resolve-conflict.ts";
import { KgsyncError } from "../../../src/core/errors.ts";
import { key } from "../../../src/core/key.ts";
import { renderConflictRecord } from "../../../src/core/merge/conflict-record.ts";
import { type AppWorld, createAppWorld, REMOTE } from "../../support/app-world.ts";
import { graphText } from "../../support/app-world-graph.ts";

const A = graphText(["a"]);
const B = graphText(["b"]);
const { signal } = new AbortController();

const codeOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
    return "done";
  } catch (thrown) {
    return thrown instanceof KgsyncError ? `${thrown.code}: ${thrown.message}` : String(thrown);
  }
};

describe("a document by its name", () => {
  const find = async (world: AppWorld, word: string, path = `/cwd/${word}`): Promise<string> => {
    const { io } = world.boot();
    const found = await findDocument(io, word, path, signal).catch((thrown: unknown) => String(thrown));
    return typeof found === "string" ? found : `${found.name} ${new TextDecoder().decode(found.bytes)}`;
  };

  test("is found on both sides, among versions, backups and conflicts, and on the disk", async () => {
    const world = createAppWorld();
    world.save("local");
    const names: Readonly<Record<string, string>> = {
      [REMOTE]: "bucket",
      ".kgsync/versions/0123456789abcdef.json": "first",
      ".kgsync/versions/0123fff789abcdef.json": "second",
      "backups/plain.json": "plain",
      "backups/20250101120000/knowledge_graph.json": "folder",
      "backups/20250101120000/info.txt": "text",
      ".kgsync/conflicts/00112233445566ff-host-1.json": "record",
      ".kgsync/conflicts/00112233445566ff-host-1.ours.json": "ours",
      ".kgsync/conflicts/quarantine-host-2.json": "held",
    };
    for (const [name, text] of Object.entries(names)) await world.upload(name, text);
    world.disk.app.write("/cwd/plain.json", world.encode("on disk"));
    world.disk.app.write("/cwd/abcd", world.encode("hex on disk"));
    for (const [word, expected] of [
      ["local", "local local"],
      ["bucket", "bucket bucket"],
      ["01234", ".kgsync/versions/0123456789abcdef.json first"],
      [`0123fff789abcdef${"0".repeat(48)}`, ".kgsync/versions/0123fff789abcdef.json second"],
      [".kgsync/versions/0123fff789abcdef.json", ".kgsync/versions/0123fff789abcdef.json second"],
      ["plain.json", "backups/plain.json plain"],
      ["backups/plain.json", "backups/plain.json plain"],
      ["20250101120000", "backups/20250101120000/knowledge_graph.json folder"],
      ["20250101120000/info.txt", "backups/20250101120000/info.txt text"],
      ["00112233445566ff-host-1.ours", ".kgsync/conflicts/00112233445566ff-host-1.ours.json ours"],
      [".kgsync/conflicts/quarantine-host-2.json", ".kgsync/conflicts/quarantine-host-2.json held"],
      ["quarantine-host-2", ".kgsync/conflicts/quarantine-host-2.json held"],
      ["abcd", "abcd hex on disk"],
    ] as const)
      expect([word, await find(world, word)]).toEqual([word, expected]);
    expect(await find(world, "./plain.json", "/cwd/plain.json")).toBe("./plain.json on disk");
    expect(await find(world, "0123")).toContain("start of 2 versions");
    expect(await find(world, "00112233445566ff-host-1")).toContain("is a record");
    for (const word of ["nothing", "../x", "ffff", ".kgsync/lease.json", "a\u0000b", "quarantine-nobody"])
      expect(await find(world, word, "/cwd/nothing")).toContain("there is no");
    expect(await find(createAppWorld(), "local")).toContain("no graph yet");
    expect(await find(createAppWorld(), "bucket")).toContain("no graph yet");
  });
});

describe("the history", () => {
  test("is newest first, the graph before all; writers are asked for only of what is shown", async () => {
    const world = createAppWorld();
    const metadata = { "kgsync-sha256": world.digest(B), "kgsync-writer": "me" };
    await world.upload(REMOTE, B, "memory:", metadata);
    await world.upload(`${REMOTE}.old`, "another");
    await world.upload(".kgsync/versions/00000000000000aa.json", A, "memory:", { "kgsync-writer": "first" });
    await world.upload("backups/f/one", "1");
    await world.upload("backups/f/two", "22");
    await world.upload("backups/x.json", "4444");
    await world.upload(".kgsync/versions/00000000000000bb.json", A);
    await world.upload(".kgsync/versions/other.txt", A);
    await world.upload(".kgsync/conflicts/00112233445566ff-host-1.json", "666666");
    await world.upload(".kgsync/conflicts/00112233445566ff-host-1.theirs.json", "88");
    const { io, requests } = world.boot();
    const { entries, total } = await listHistory(io, 100, signal);
    expect(total).toBe(6);
    expect(entries.map(({ kind, name, size, writer, files }) => [kind, name, size, writer, files])).toEqual([
      ["graph", world.digest(B).slice(0, 16), B.length, "me", 1],
      ["conflict", "00112233445566ff-host-1", 8, "host-1", 1],
      ["version", "00000000000000bb", A.length, undefined, 1],
      ["backup", "x.json", 4, undefined, 1],
      ["backup", "f", 3, undefined, 2],
      ["version", "00000000000000aa", A.length, "first", 1],
    ]);
    expect(requests.filter((request) => request.startsWith("head"))).toHaveLength(3);
    const few = world.boot();
    expect((await listHistory(few.io, 2, signal)).entries).toHaveLength(2);
    expect(few.requests.filter((request) => request.startsWith("head"))).toEqual([`head ${REMOTE}`]);
    expect(await listHistory(createAppWorld().boot().io, 9, signal)).toEqual({ entries: [], total: 0 });
  });
});

describe("a conflict", () => {
  test("that is resolved is so until it is written again", async () => {
    const world = createAppWorld();
    const name = "quarantine-host-1";
    await world.upload(`.kgsync/conflicts/${name}.json`, A);
    const { io, within } = world.boot();
    const mark = () =>
      within(60_000, async (budget) => markResolved(io, await readConflict(io, "quar", signal), "keep", budget));
    await mark();
    await mark();
    const state = async () => (await listConflicts(io, signal)).map((one) => [one.name, one.kind, one.resolved]);
    expect(await state()).toEqual([[name, "quarantine", true]]);
    await world.upload(`.kgsync/conflicts/${name}.json`, B);
    expect(await state()).toEqual([[name, "quarantine", false]]);
    expect(Object.keys(world.objects())).toHaveLength(2);
  });

  const NAME = "00112233445566ff-host-1";
  const list = (...items: readonly object[]): string => JSON.stringify({ rows: items });
  const one = (v: number) => ({ id: "one", v });
  const other = { id: "other", v: 2 };

  /** A conflict at the list's first element: 1 → 2 (ours) and 3 (theirs, chosen); `now`: what the graph has become. */
  const met = async (now: string, then: string | undefined): Promise<AppWorld> => {
    const world = createAppWorld();
    const result = list(one(3));
    const version = { sha256: world.digest(result) };
    const record = renderConflictRecord({
      time: "2025-10-03T00:00:00.000Z",
      writer: "host-1",
      policy: "newest",
      base: version,
      ours: version,
      theirs: version,
      result: version,
      conflicts: [{ pointer: "/rows/0/v", kind: "edit/edit", chosen: "theirs", base: "1", ours: "2", theirs: "3" }],
      warnings: [],
    });
    await world.upload(`.kgsync/conflicts/${NAME}.json`, record);
    await world.upload(REMOTE, now);
    if (then !== undefined) await world.upload(`.kgsync/versions/${world.digest(result).slice(0, 16)}.json`, then);
    return world;
  };

  const resolved = async (world: AppWorld, resolution: Partial<Resolution> = {}): Promise<string> => {
    const { io, within } = world.boot();
    return within(60_000, async (budget) => {
      const found = await readConflict(io, NAME, signal);
      const current = await io.store.get(key(REMOTE), signal);
      if (current === undefined) throw new Error("no graph");
      const bytes = await resolveConflict(io, found, current, { side: "ours", at: undefined, ...resolution }, budget);
      return new TextDecoder().decode(bytes);
    });
  };

  test("is put where the element is now; where the same has changed since, or nobody can say where, nothing is guessed", async () => {
    const result = list(one(3));
    expect(await resolved(await met(result, undefined))).toBe(list(one(2)));
    expect(await resolved(await met(list(other, one(3)), result))).toBe(list(other, one(2)));
    expect(await resolved(await met(list(other, one(2)), result))).toBe(list(other, one(2)));
    expect(await resolved(await met(list(one(4)), result), { side: "theirs" })).toBe(list(one(4)));
    for (const [now, then] of [
      [list(other, one(4)), result],
      [list({ id: "two", v: 3 }), undefined],
      [list({ id: "two", v: 3 }), list({ id: "two", v: 3 })],
      ["{", result],
    ] as const)
      expect(await codeOf(resolved(await met(now, then)))).toMatch(/^not-durable: 0011.*cannot be resolved by itself/);
    expect(await codeOf(resolved(await met(result, undefined), { at: "/rows/1" }))).toMatch(/^usage/);
  });

  test("of a whole version is that version", async () => {
    const world = await met(B, undefined);
    const record = { kind: "document", why: "w", ours: { sha256: "x", key: `.kgsync/conflicts/${NAME}.ours.json` } };
    await world.upload(`.kgsync/conflicts/${NAME}.json`, JSON.stringify(record));
    expect(await resolved(world, { side: "theirs" })).toBe(B);
    expect(await codeOf(resolved(world, { at: "/x" }))).toMatch(/^usage/);
    expect(await codeOf(resolved(world))).toMatch(/^graph-invalid: the version that gave way is gone/);
    await world.upload(record.ours.key, A);
    expect(await resolved(world)).toBe(A);
    await world.upload(`.kgsync/conflicts/${NAME}.json`, "nonsense");
    expect(await codeOf(resolved(world))).toMatch(/^graph-invalid: the record/);
  });
});
