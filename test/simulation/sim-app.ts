import type { FakeClock } from "../support/fake-clock.ts";
import type { Dice } from "./dice.ts";
import type { Oracle } from "./oracle.ts";
import { emptyView, textOf, type View, viewOf } from "./sim-graph.ts";

export type SimDisk = { readonly read: () => string | undefined; readonly write: (text: string) => void };

type AppOptions = {
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

const SHARED = ["k0", "k1", "k2"];

/** Loads once, keeps its graph in memory, saves in place, sometimes torn for a moment; begins anew where it can read nothing. */
export const startApp = ({ clock, dice, disk, oracle, say, old, fresh, changed, exit }: AppOptions) => {
  let alive = true;
  let count = 0;
  const loaded = viewOf(disk.read());
  let view: View = loaded ?? emptyView;
  let held: View = view;
  /** After it has read its file again, what it held before too: until a save of it has been seen, nobody can know of the rest. */
  let sure: View | undefined;
  let last: string | undefined;
  if (old) view = { ...view, schema: undefined };
  else if (view.schema === undefined) view = { ...view, schema: 2 };

  const save = (): void => {
    count += 1;
    const number = count;
    const text = textOf(view, clock.now().mono * 1000 + count);
    const whole = (): void => {
      if (!alive || number !== count) return; // one save at a time: the next one is whole
      disk.write(text);
      changed();
    };
    if (last !== undefined && oracle.isAcknowledged(last)) sure = undefined;
    last = oracle.saved(text, held, view, sure);
    held = view;
    say(`saves ${[...view.facts].map(([name, value]) => `${name}=${value}`).join(" ")}`);
    if (dice.chance(0.85)) whole();
    else {
      disk.write(text.slice(0, dice.below(text.length)));
      clock.after(1 + dice.below(40), whole);
    }
  };
  const change = (): void => {
    const facts = new Map(view.facts);
    const what = dice.fraction();
    if (what < 0.55) facts.set(fresh(), fresh());
    else if (what < 0.75) facts.set(dice.pick(SHARED) ?? "", fresh());
    else if (what < 0.92) {
      const gone = dice.pick([...facts.keys()]);
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
