import type { FakeClock } from "../support/fake-clock.ts";
import type { Dice } from "./dice.ts";
import type { Oracle } from "./oracle.ts";
import { describe, emptyView, textOf, type View, viewOf } from "./sim-graph.ts";

export type SimDisk = { readonly read: () => string | undefined; readonly write: (text: string) => void };

type AppOptions = {
  /** The machine. */
  readonly by: string;
  readonly clock: Pick<FakeClock, "after" | "now">;
  readonly dice: Dice;
  readonly disk: SimDisk;
  readonly oracle: Oracle;
  readonly say: (what: string) => void;
  /** Drops the field that it does not know. */
  readonly old: boolean;
  /** Names a new fact, or a new value. */
  readonly fresh: () => string;
  /** A save is whole on the disk: the watcher sees it. */
  readonly changed: () => void;
  readonly exit: (code: number) => void;
};

/** Without order, and without the field that an old app drops. */
const meaning = ({ facts }: View): string => describe({ facts: new Map([...facts].sort()), schema: undefined });

/** Names are given in order. */
const byAge = (a: string, b: string): number => a.length - b.length || (a < b ? -1 : 1);

const SHARED = ["k0", "k1", "k2"];

/** Loads once, keeps its graph in memory, saves in place, sometimes torn for a moment; begins anew where it can read nothing. */
export const startApp = ({ by, clock, dice, disk, oracle, say, old, fresh, changed, exit }: AppOptions) => {
  let alive = true;
  let count = 0;
  const loaded = viewOf(disk.read());
  let view: View = loaded ?? emptyView;
  let held: View = view;
  /** After it has read its file again, what it held before too: until a save of it has been seen, nobody can know of the rest. */
  let sure: View | undefined;
  let written: string | undefined;
  /** What lay whole on the disk, and since when; first what it was started on. */
  const onDisk: { sha256: string; at: number; facts: string }[] = [];
  let last: string | undefined;
  /** All that was taken away since the wrapper last wrote the file that it was started on. */
  const gone = oracle.goneBefore(disk.read());
  if (old) view = { ...view, schema: undefined };
  else if (view.schema === undefined) view = { ...view, schema: 2 };

  const save = (accident = false): void => {
    count += 1;
    const number = count;
    const text = textOf(view, clock.now().mono * 1000 + count);
    if (last !== undefined && oracle.isAcknowledged(last)) sure = undefined;
    const sha256 = oracle.saved({ by, text, before: held, after: view, gone, sure, accident });
    const saved = view;
    const whole = (): void => {
      if (!alive || number !== count) return; // one save at a time: the next one is whole
      disk.write(text);
      written = sha256;
      onDisk.push({ sha256, at: clock.now().mono, facts: meaning(saved) });
      changed();
    };
    last = sha256;
    held = view;
    say(`saves ${describe(view)}`);
    if (dice.chance(0.85)) whole();
    else {
      disk.write(text.slice(0, dice.below(text.length)));
      clock.after(1 + dice.below(40), whole);
    }
  };
  const change = (): void => {
    if (dice.chance(0.01)) {
      view = { ...view, facts: new Map() };
      say("forgets everything");
      save(true);
      return;
    }
    const facts = new Map(view.facts);
    const what = dice.fraction();
    if (what < 0.55) facts.set(fresh(), fresh());
    else if (what < 0.75) facts.set(dice.pick(SHARED) ?? "", fresh());
    else if (what < 0.92) {
      // What is new is what others have least heard of.
      const gone = dice.pick([...facts.keys()].sort(byAge).slice(dice.chance(0.5) ? -2 : 0));
      if (gone !== undefined) facts.delete(gone);
    }
    view = { ...view, facts };
    save();
  };
  const later = (): void =>
    void clock.after(100 + dice.below(3000), () => {
      if (!alive) return;
      change();
      later();
    });
  if (dice.chance(0.8)) save();
  later();
  return {
    /** Since when something is on the disk that the bucket is not known to have, as far as it has stood there. */
    behindSince: (): number | undefined => {
      const last = onDisk.findLastIndex(({ sha256 }) => oracle.isAcknowledged(sha256));
      const home = onDisk[last]?.facts ?? meaning(loaded ?? emptyView);
      return onDisk.slice(last + 1).find(({ facts }) => facts !== home)?.at;
    },
    /** The last save that is whole on the disk. */
    written: (): string | undefined => written,
    /** Its wrapper is dead, and it will be in a moment: it takes back what it saved last. */
    lastSave: (): void => {
      const facts = new Map(view.facts);
      const newest = [...facts.keys()].sort(byAge).at(-1);
      if (!alive || newest === undefined) return;
      facts.delete(newest);
      view = { ...view, facts };
      save();
    },
    /** KILL, or the machine's end. */
    die: (): void => {
      alive = false;
    },
    /** HUP: it may take a while until it reads its file again, and it may not be able to. */
    reread: (): void =>
      void clock.after(dice.below(400), () => {
        const now = alive && dice.chance(0.8) ? viewOf(disk.read()) : undefined;
        if (now === undefined) return;
        sure ??= held;
        last = undefined;
        held = now;
        view = old ? { ...now, schema: undefined } : now;
        say("has read its file again");
      }),
    terminate: (): void => {
      if (!alive) return;
      if (dice.chance(0.1)) return; // deaf
      if (dice.chance(0.7)) save();
      clock.after(50 + dice.below(300), () => {
        if (!alive) return;
        alive = false;
        exit(0);
      });
    },
  };
};
