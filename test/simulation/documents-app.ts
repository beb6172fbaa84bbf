import type { FakeClock } from "../support/fake-clock.ts";
import type { Dice } from "./dice.ts";
import type { DocumentsOracle } from "./documents-oracle.ts";

export const RECORDS = "/data/memory.jsonl";
export const BYTES = "/data/cache.db";

export type Files = {
  readonly read: (path: string) => string | undefined;
  readonly write: (path: string, text: string) => void;
};

type Options = {
  readonly clock: Pick<FakeClock, "after">;
  readonly dice: Dice;
  readonly files: Files;
  readonly oracle: DocumentsOracle;
  readonly fresh: () => string;
  readonly changed: () => void;
  readonly exit: (code: number) => void;
};

export const recordsIn = (text: string | undefined): readonly string[] =>
  [...(text ?? "").matchAll(/"id":"(\w+)"/g)].map(([, id]) => id ?? "");

/** As the MCP memory server writes: no newline at the end. */
const textOf = (ids: readonly string[]): string => ids.map((id) => `{"id":"${id}"}`).join("\n");

/** Loads both documents once, keeps them in memory, and saves them in place, the records sometimes torn for a moment. */
export const startDocumentsApp = ({ clock, dice, files, oracle, fresh, changed, exit }: Options) => {
  let alive = true;
  let count = 0;
  let ids = recordsIn(files.read(RECORDS));
  let bytes = files.read(BYTES);
  const saved = { records: undefined as string | undefined, bytes: undefined as string | undefined };

  const saveRecords = (next: readonly string[]): void => {
    oracle.savedRecords(ids, next);
    ids = next;
    count += 1;
    const number = count;
    const text = textOf(ids);
    const whole = (): void => {
      if (!alive || number !== count) return;
      files.write(RECORDS, text);
      saved.records = text;
      changed();
    };
    if (dice.chance(0.85)) {
      whole();
      return;
    }
    // Cut off within a record, or just behind one: the latter parses.
    const end = dice.chance(0.5) ? dice.below(text.length + 1) : Math.max(0, text.lastIndexOf("\n"));
    files.write(RECORDS, text.slice(0, end));
    clock.after(1 + dice.below(40), whole);
  };
  const saveBytes = (): void => {
    const next = `bytes ${fresh()}`;
    oracle.savedBytes(bytes, next);
    bytes = next;
    saved.bytes = next;
    files.write(BYTES, next);
    changed();
  };
  const change = (): void => {
    if (dice.chance(0.35)) {
      saveBytes();
      return;
    }
    const gone = dice.chance(0.3) ? dice.pick(ids) : undefined;
    saveRecords(gone === undefined ? [...ids, `r${fresh()}`] : ids.filter((id) => id !== gone));
  };
  const later = (): void =>
    void clock.after(100 + dice.below(3000), () => {
      if (!alive) return;
      change();
      later();
    });
  later();
  /** Perhaps in the middle of a save. */
  const end = (): void => {
    if (alive) oracle.cut(ids, recordsIn(files.read(RECORDS)));
    alive = false;
  };
  return {
    saved: () => saved,
    die: end,
    terminate: (): void => {
      if (!alive || dice.chance(0.1)) return; // deaf
      if (dice.chance(0.7)) change();
      clock.after(50 + dice.below(300), () => {
        if (!alive) return;
        end();
        exit(0);
      });
    },
  };
};
