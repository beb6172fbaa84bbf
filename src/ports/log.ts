/** Data beside a message: plain JSON values. `err` is a thrown value: its message, code, and at debug its stack, are logged. */
export type LogFields = Readonly<Record<string, unknown>>;

/**
 * Structured log. `event` is a stable dotted id (`push.stored`); the message is a fixed text without data in it.
 * Calls never block and never throw; lines that cannot be written in time are dropped and counted.
 */
export type Log = {
  readonly debug: (event: string, message: string, fields?: LogFields) => void;
  readonly info: (event: string, message: string, fields?: LogFields) => void;
  readonly warn: (event: string, message: string, fields?: LogFields) => void;
  readonly error: (event: string, message: string, fields?: LogFields) => void;
};
