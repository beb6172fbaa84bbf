/**
 * Linux' standard signals by number (signal(7); the numbers of x64 and arm64 are the same, those of MIPS and Alpha are not).
 * By number, because names have aliases (ABRT/IOT, IO/POLL): listening to every name would forward twice.
 */
const NAMES: readonly (string | undefined)[] = [
  undefined,
  ...[
    "HUP",
    "INT",
    "QUIT",
    "ILL",
    "TRAP",
    "ABRT",
    "BUS",
    "FPE",
    "KILL",
    "USR1",
    "SEGV",
    "USR2",
    "PIPE",
    "ALRM",
    "TERM",
  ],
  ...["STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO"],
  ...["PWR", "SYS"],
];

const ALIASES: Readonly<Record<string, string>> = { IOT: "ABRT", POLL: "IO", CLD: "CHLD", UNUSED: "SYS" };

/** The signals that the program itself names. */
export const HUP = 1;
export const INT = 2;
export const QUIT = 3;
export const KILL = 9;
export const TERM = 15;
export const CONT = 18;
export const STOP = 19;
export const TSTP = 20;
const TTIN = 21;
const TTOU = 22;
const WINCH = 28;

/** All standard signals. Real-time signals (34-64) cannot be listened to in Node and have no place here. */
export const SIGNALS: readonly number[] = NAMES.flatMap((name, number) => (name === undefined ? [] : [number]));

/**
 * What must not be listened to. KILL and STOP cannot be. CHLD is ours. PIPE and XFSZ we cause ourselves: forwarded, our own
 * closed pipe would kill the app. The faults (ILL TRAP ABRT BUS FPE SEGV SYS) would return into the fault, for ever.
 */
const NEVER: ReadonlySet<string | undefined> = new Set(
  ["KILL", "STOP", "CHLD", "PIPE", "XFSZ"].concat(["ILL", "TRAP", "ABRT", "BUS", "FPE", "SEGV", "SYS"]),
);

/** The signals that are listened to from the first statement on and reach the app. */
export const FORWARDED: readonly number[] = SIGNALS.filter((signal) => !NEVER.has(NAMES[signal]));

/** What the terminal sends to its foreground group by itself: whoever shares that group must not be sent it again. */
export const FROM_TERMINAL: readonly number[] = [INT, QUIT, TSTP, WINCH];

/** Asks a program to end. A stopped program would not notice before it is woken. */
export const STOP_SIGNALS: readonly number[] = [HUP, INT, QUIT, TERM];

/**
 * The signal to send for one received. The terminal's stops become STOP: the app's session has no terminal, so its group is
 * orphaned and the kernel drops TSTP, TTIN and TTOU there (POSIX.1-2024 §11.1.4; dumb-init does the same).
 */
export const forwardedAs = (signal: number): number =>
  signal === TSTP || signal === TTIN || signal === TTOU ? STOP : signal;

/** `SIGTERM` for 15; `signal 40` for a number without a name. */
export const signalName = (signal: number): string => {
  const name = NAMES[signal];
  return name === undefined ? `signal ${signal}` : `SIG${name}`;
};

const RTMIN = 34; // glibc keeps 32 and 33 for itself; Docker and dash count from here too
const RTMAX = 64;

const realTime = (text: string): number | undefined => {
  const [, edge, offset] = /^(?:SIG)?(RTMIN|RTMAX)([+-]\d+)?$/i.exec(text) ?? [];
  if (edge === undefined) return /^\d+$/.test(text) ? Number(text) : undefined;
  return (edge.toUpperCase() === "RTMIN" ? RTMIN : RTMAX) + Number(offset ?? 0);
};

/**
 * What may be sent to another program: like `parseSignal`, and the real-time signals (`RTMIN`, `RTMIN+3`, `RTMAX-1`, 34-64),
 * and 0 for nothing at all.
 */
export const parseTarget = (text: string): number | undefined => {
  const standard = text === "0" ? 0 : parseSignal(text);
  if (standard !== undefined) return standard;
  const number = realTime(text);
  return number !== undefined && number >= RTMIN && number <= RTMAX ? number : undefined;
};

/** The number for `TERM`, `SIGTERM`, `sigterm`, `15` or an alias (`IOT`, `POLL`); `undefined` for anything else. */
export const parseSignal = (text: string): number | undefined => {
  if (/^\d{1,2}$/.test(text)) return SIGNALS.find((signal) => signal === Number(text));
  const name = text.toUpperCase().replace(/^SIG/, "");
  const number = NAMES.indexOf(ALIASES[name] ?? name);
  return number > 0 ? number : undefined;
};
