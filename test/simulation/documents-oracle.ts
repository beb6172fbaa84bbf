import { BYTES, RECORDS, recordsIn } from "./documents-app.ts";

/** Of records and of bytes, what the apps saved and what the wrappers answered for. No record and no bytes are ever made twice. */
export type DocumentsOracle = ReturnType<typeof createDocumentsOracle>;

export const createDocumentsOracle = () => {
  const removed = new Set<string>();
  const made = new Set<string>();
  /** Records and bytes that must still be somewhere. */
  const records = new Set<string>();
  const bytes = new Set<string>();
  /** What an app had before it, when it wrote other bytes: it has seen these, and replaced them on purpose. */
  const replaced = new Set<string>();
  const broken: string[] = [];
  const cut = new Set<string>();

  return {
    savedRecords: (before: readonly string[], after: readonly string[]): void => {
      for (const id of after) made.add(id);
      for (const id of before) if (!after.includes(id)) removed.add(id);
    },
    savedBytes: (before: string | undefined, after: string): void => {
      made.add(after);
      if (before !== undefined) replaced.add(before);
    },
    /** A wrapper said that all is safe, or the disk lives on: what lay there counts. */
    acknowledge: (saved: { readonly records: string | undefined; readonly bytes: string | undefined }): void => {
      for (const id of recordsIn(saved.records)) records.add(id);
      if (saved.bytes !== undefined) bytes.add(saved.bytes);
    },
    /** An app was killed in the middle of a save: what the file has not may be taken for removed, and must be kept as a version. */
    cut: (held: readonly string[], left: readonly string[]): void => {
      for (const id of held) if (!left.includes(id)) cut.add(id);
    },
    breaks: (what: string): void => void broken.push(what),
    judge: (bucket: ReadonlyMap<string, string>): readonly string[] => {
      const end = new Set(recordsIn(bucket.get(RECORDS.slice("/data/".length))));
      const texts = new Set(bucket.values());
      const kept = [...bucket].flatMap(([name, text]) => (name.includes("/conflicts/") ? [text] : [])).join("\n");
      const all = [...texts].join("\n");
      const isKept = (id: string): boolean => (cut.has(id) ? all : kept).includes(`"${id}"`);
      const lost = [...records].filter((id) => !end.has(id) && !removed.has(id) && !isKept(id));
      const gone = [...bytes].filter((one) => !texts.has(one) && !replaced.has(one));
      const now = bucket.get(BYTES.slice("/data/".length));
      const invented = [...end, ...(now === undefined ? [] : [now])].filter((one) => !made.has(one));
      return [
        ...broken,
        ...lost.map((id) => `lost: record ${id}`),
        ...gone.map((one) => `lost: ${one}`),
        ...invented.map((one) => `invented: ${one}`),
      ];
    },
  };
};
