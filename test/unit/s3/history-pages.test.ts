import { expect, test } from "vitest";
import { nodeSha256 } from "../../../src/adapters/node-sha256.ts";
import { findDocument } from "../../../src/app/find-document.ts";
import { graphPlace } from "../../../src/app/keys.ts";
import { listConflicts } from "../../../src/app/list-conflicts.ts";
import { listHistory } from "../../../src/app/list-history.ts";
import { key } from "../../../src/core/key.ts";
import { createMemoryFileTree } from "../../support/memory-file-tree.ts";
import { withS3Double } from "../../support/s3-double/with-s3-double.ts";

const { signal } = new AbortController();
const paths = { graph: "/g", backups: undefined, state: "/s" };
const hex = (n: number): string => n.toString(16).padStart(16, "0");

test("what lies on many pages of a listing is all there, with writers from the metadata", () =>
  withS3Double({ pageSize: 3 }, async (double, store) => {
    double.put("knowledge_graph.json", "{}", { "kgsync-writer": "me" });
    for (let n = 0; n < 10; n++) {
      double.put(`.kgsync/versions/${hex(n)}.json`, `{"n":${n}}`, { "kgsync-writer": `writer-${n}` });
      double.put(`backups/folder/${n}.json`, "{}");
      double.put(`backups/${n}.json`, "{}");
      double.put(`.kgsync/conflicts/${hex(n)}-host-1.json`, "{}");
      double.put(`.kgsync/conflicts/${hex(n)}-host-1.ours.json`, "{}");
    }
    const document = graphPlace("merge-json", key("graph.json"));
    const io = { store, document, sha256: nodeSha256, files: createMemoryFileTree().tree, paths };
    const { entries, total } = await listHistory(io, Number.POSITIVE_INFINITY, signal);
    const count = (kind: string): number => entries.filter((entry) => entry.kind === kind).length;
    expect([total, count("graph"), count("version"), count("backup"), count("conflict")]).toEqual([32, 1, 10, 11, 10]);
    expect(entries[0]).toMatchObject({ kind: "graph", writer: "me", time: expect.any(Number) });
    expect(entries.find(({ name }) => name === "folder")).toMatchObject({ files: 10, size: 20 });
    const writers = entries.flatMap(({ kind, writer }) => (kind === "version" ? [writer] : []));
    expect(writers.sort()).toEqual(Array.from({ length: 10 }, (_, n) => `writer-${n}`));
    expect(await listConflicts(io, signal)).toHaveLength(10);
    const found = await findDocument(io, hex(7), "/none", signal);
    expect(new TextDecoder().decode(found.bytes)).toBe('{"n":7}');
  }));
