import { progressText, type Underway } from "../core/progress-text.ts";
import type { Clock } from "../ports/clock.ts";
import type { Progress } from "../ports/progress.ts";

/** What is over sooner needs no word. */
const FIRST_MS = 1000;
const EVERY_MS = 250;

type Kind = { readonly what: string; active: number; done: number; expected: number };

/**
 * Shows one line while something is underway for longer than a second, a few times a second anew, and takes it away (`show` of
 * an empty text) soon after. Its timer runs only while something is underway. A gap that is shorter than the time between two
 * looks is none: between two requests a file is written.
 */
export const createProgressLine = (clock: Clock, show: (text: string) => void): Progress => {
  const kinds = new Map<string, Kind>();
  let active = 0;
  let bytes = 0;
  let since = 0;
  let idleSince = 0;
  let cancel: (() => void) | undefined;
  let ended = false;

  const now = (): number => clock.now().mono;
  const kind = (what: string): Kind => {
    const known = kinds.get(what) ?? { what, active: 0, done: 0, expected: 0 };
    kinds.set(what, known);
    return known;
  };
  const underway = (): readonly Underway[] => [...kinds.values()].filter((one) => one.active > 0);
  const look = (): void => {
    const over = active === 0 && now() - idleSince >= EVERY_MS;
    cancel = over ? undefined : clock.after(EVERY_MS, look);
    if (over) show("");
    else if (active > 0) show(progressText(underway(), bytes, now() - since)); // in a gap somebody may be asked something
  };
  const begin = (what: string): (() => void) => {
    if (ended) return () => undefined;
    const one = kind(what);
    one.active += 1;
    active += 1;
    if (cancel === undefined) {
      since = now();
      cancel = clock.after(FIRST_MS, look);
    }
    return () => {
      one.active -= 1;
      active -= 1;
      idleSince = now();
    };
  };
  return {
    begin,
    count: (what, objects, more) => {
      kind(what).done += objects;
      bytes += more;
    },
    expect: (what, objects) => {
      kind(what).expected += objects;
    },
    end: () => {
      if (ended) return;
      ended = true;
      cancel?.();
      show("");
    },
  };
};
