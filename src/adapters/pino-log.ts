import { pino } from "pino";
import type { Log, LogFields } from "../ports/log.ts";
import type { LogSink } from "./log-sink.ts";
import { plainValue } from "./log-value.ts";
import { prettyLine } from "./pretty-line.ts";
import { createRedact } from "./redact.ts";

export type LogLevel = "debug" | "info" | "warn" | "error";

export type PinoLogOptions = {
  readonly level: LogLevel;
  /** `auto`: pretty on a terminal, else JSON. */
  readonly format: "auto" | "json" | "pretty";
  readonly sink: LogSink;
  /** Values that may not appear in any line. */
  readonly secrets: readonly string[];
  /** The same, of a list that may grow. */
  readonly rotated?: readonly string[];
  /** Whether `pretty` uses colour; the caller knows of NO_COLOR. */
  readonly colour: boolean;
};

/** PIPE_BUF of pipe(7) is 4096: a longer write may be torn apart by the app's lines on the same pipe. */
const MAX_LINE_BYTES = 4095;
/** Event and message, in characters: however they are escaped, both fit a line with all that is around them. */
const LONGEST = { event: 100, message: 500 };
/** As long as a message may be where there is room: all that is wrong with the settings is said in one. */
const LONG_MESSAGE = 2500;
/** pino's own names; a field of the same name would stand twice in one object. */
const RESERVED: ReadonlySet<string> = new Set(["level", "time", "event", "msg", "dropped"]);
/** Longest text and most entries, tried in order until the line fits. */
const SIZES = [
  { longest: 2048, most: 64 },
  { longest: 512, most: 32 },
  { longest: 128, most: 16 },
  { longest: 32, most: 8 },
] as const;

const fieldName = (name: string): string => (RESERVED.has(name) ? `${name}_` : name.replace(/[^\w.-]/g, "_"));

/**
 * The log by pino, through the sink and nothing else: process.stderr is never touched, since that would make the
 * descriptor that the app shares non-blocking. Every line is under 4096 bytes and free of the given secrets.
 */
export const createPinoLog = ({ level, format, sink, secrets, rotated = [], colour }: PinoLogOptions): Log => {
  const redact = createRedact(secrets, rotated);
  const pretty = format === "pretty" || (format === "auto" && sink.tty);
  const stacks = level === "debug";
  let rendered = "";
  const destination = {
    write: (line: string) => {
      rendered = pretty ? prettyLine(line, colour) : line;
    },
  };
  const logger = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: (value: unknown) => value }, // already plain
    },
    destination,
  );

  const plainFields = (fields: LogFields, size: (typeof SIZES)[number]): Record<string, unknown> => {
    const named = Object.entries(fields).map(([name, value]) => [
      fieldName(redact(name)),
      plainValue(value, { redact, stacks, ...size }),
    ]);
    return Object.fromEntries(named.slice(0, size.most));
  };

  /** Measured as it will be written: how much an escape or a colour makes of a character depends on where it stands. */
  const fits = (at: LogLevel, fields: Record<string, unknown>, message: string): boolean => {
    logger[at](fields, message);
    return Buffer.byteLength(rendered) <= MAX_LINE_BYTES;
  };

  const write = (at: LogLevel, event: string, message: string, fields: LogFields = {}): void => {
    if (!logger.isLevelEnabled(at)) return;
    try {
      const dropped = sink.dropped();
      const head = { event: redact(event).slice(0, LONGEST.event) };
      const tail = dropped > 0 ? { dropped } : {};
      const text = redact(message);
      const fit = [LONG_MESSAGE, LONGEST.message].some((longest) =>
        SIZES.some((size) => fits(at, { ...head, ...plainFields(fields, size), ...tail }, text.slice(0, longest))),
      );
      if (!fit) fits(at, { ...head, truncated: true, ...tail }, text.slice(0, LONGEST.message));
      sink.write(rendered, dropped);
    } catch {
      // a value that cannot be shown may not end the work
    }
  };
  return {
    debug: (event, message, fields) => write("debug", event, message, fields),
    info: (event, message, fields) => write("info", event, message, fields),
    warn: (event, message, fields) => write("warn", event, message, fields),
    error: (event, message, fields) => write("error", event, message, fields),
  };
};
