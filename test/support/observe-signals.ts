import { vi } from "vitest";
import { CONT, signalName } from "../../src/core/signals.ts";
import type { Terminal } from "./open-terminal.ts";
import { rowsOf } from "./signals-table.ts";

/** A kgsync with test/fixtures/count-signals.mjs as its app, somewhere. */
export type Observed = {
  /** Sends to kgsync, as the platform or a person does. */
  readonly send: (signal: number) => Promise<void> | void;
  /** What the app has reported so far. */
  readonly lines: () => readonly string[] | Promise<readonly string[]>;
  /** Who is stopped now (state T), of kgsync with the inits around it, and of the app. */
  readonly stopped: () => Promise<"app" | "kgsync" | "tini" | undefined>;
  /** Its exit code when kgsync has ended; then the app is seen gone, too. */
  readonly ended: () => Promise<number | undefined>;
  readonly close: () => Promise<void>;
};

/** What is sent behind the signal that is watched: when it is there, the other one should be. */
const [FENCE, OTHER_FENCE] = [30, 29];
const FENCES = 3;
const PATIENCE = { timeout: 60_000, interval: 10 };

const countOf = async ({ lines }: Observed, signal: number): Promise<number> =>
  (await lines()).filter((line) => line === `got ${signal}`).length;

type What = "arrived" | "app" | "kgsync" | "tini" | { readonly code: number };

/** Resolves when the app has the signal, or when it never will. */
const outcome = async (at: Observed, signal: number, before: number): Promise<What> => {
  let what: What | undefined;
  await vi.waitUntil(async () => {
    const code = await at.ended();
    if ((await countOf(at, signal)) > before) what = "arrived";
    else if (code !== undefined) what = { code };
    else what = await at.stopped();
    return what !== undefined;
  }, PATIENCE);
  return what ?? "arrived";
};

const timesOf = (count: number): string => ["", "once", "twice"][count] ?? `${count} times`;

const sendToLiving = async (at: Observed, signal: number): Promise<void> => {
  try {
    await at.send(signal);
  } catch {
    // it has ended by the one before
  }
};

/** The cell of the table for one signal. */
const observe = async (at: Observed, signal: number): Promise<string> => {
  const before = await countOf(at, signal);
  await at.send(signal);
  // A program with threads may be given two signals of the same moment in any order, so one behind it proves nothing.
  for (let again = 0; again < FENCES; again++) {
    const fence = signal === FENCE ? OTHER_FENCE : FENCE;
    const fences = await countOf(at, fence);
    await sendToLiving(at, fence);
    const what = await outcome(at, fence, fences);
    if (typeof what === "object") return `ends: ${what.code}`;
    if (what === "arrived" && (await countOf(at, signal)) > before) break;
    if (what === "arrived") continue;
    await at.send(CONT);
    await vi.waitUntil(async () => (await countOf(at, fence)) > fences, PATIENCE);
    return [timesOf((await countOf(at, signal)) - before), `${what} stops`].filter(Boolean).join(", ");
  }
  return timesOf((await countOf(at, signal)) - before) || "-";
};

/**
 * Sends every signal of the table in docs/signals.md to a kgsync and gives the table's cells: `once` (the app has it, one
 * time), `-` (it does not reach the app, and nothing happens), `app stops`, `kgsync stops`, `ends: 137` (kgsync does, with
 * that code, and the app is killed).
 */
export const observeSignals = async (start: () => Promise<Observed>): Promise<ReadonlyMap<string, string>> => {
  const cells = new Map<string, string>();
  let at: Observed | undefined;
  try {
    for (const row of rowsOf("Signal")) {
      at ??= await start();
      const cell = await observe(at, Number.parseInt(row, 10));
      cells.set(row, cell);
      if (!/ends|stops/.test(cell)) continue;
      await at.close(); // the next one meets a kgsync that has been through nothing
      at = undefined;
    }
  } finally {
    await at?.close();
  }
  return cells;
};

type AtKeyboard = Pick<Observed, "lines" | "stopped"> & {
  /** Lets what was stopped go on. */
  readonly wake: () => void;
  /** A signal to kgsync past the keyboard. */
  readonly fence: (signal: number) => Promise<void> | void;
};

const KEYS: Readonly<Record<string, { readonly press: (terminal: Terminal) => void; readonly signal: number }>> = {
  "Ctrl-C": { press: ({ type }) => type("\u0003"), signal: 2 },
  "Ctrl-\\": { press: ({ type }) => type("\u001c"), signal: 3 },
  "Ctrl-Z": { press: ({ type }) => type("\u001a"), signal: 20 },
  "a new size of the window": { press: ({ resize }) => resize(33), signal: 28 },
};

/**
 * Presses every key of the table in docs/signals.md and gives its cells: what the app got since, and who was stopped by it.
 * How often is not said of WINCH: Docker's client both resizes the terminal, whose kernel sends one, and passes its own on.
 */
export const observeKeys = async (terminal: Terminal, at: AtKeyboard): Promise<ReadonlyMap<string, string>> => {
  const cells = new Map<string, string>();
  for (const row of rowsOf("Key")) {
    const key = KEYS[row];
    if (key === undefined) throw new Error(`what is ${row}?`);
    const mark = (await at.lines()).length;
    const since = async () => (await at.lines()).slice(mark);
    key.press(terminal);
    await vi.waitUntil(async () => (await since()).includes(`got ${key.signal}`), PATIENCE);
    await at.fence(FENCE);
    let who: "app" | "kgsync" | "tini" | undefined;
    const passed = async () => (await since()).includes(`got ${FENCE}`);
    await vi.waitUntil(async () => {
      if (await passed()) return true;
      who = await at.stopped();
      return who !== undefined;
    }, PATIENCE);
    if (who !== undefined) at.wake();
    await vi.waitUntil(passed, PATIENCE);
    const got = (await since()).map((line) => Number(line.slice("got ".length)));
    const others = new Set([FENCE, ...(who === undefined ? [] : [CONT])]);
    const arrived = [...new Set(got)]
      .filter((signal) => !others.has(signal))
      .map((signal) =>
        `${signalName(signal).slice(3)} ${timesOf(got.filter((one) => one === signal).length)}`.replace(
          /^WINCH .*/,
          "WINCH",
        ),
      );
    cells.set(row, [...arrived, ...(who === undefined ? [] : [`${who} stops`])].join(", "));
  }
  return cells;
};
