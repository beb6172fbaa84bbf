import { FORWARDED, signalName } from "../core/signals.ts";

/** Receives each signal by number, in order of arrival. */
export type SignalHandler = (signal: number) => void;

type Take = (handler: SignalHandler) => void;

/** On the global object, because the boot file and the program are two bundles with one queue between them. */
const TAKE = Symbol.for("kgsync.take-signals");

const installed = (): Take | undefined => {
  const take: unknown = Reflect.get(globalThis, TAKE);
  return typeof take === "function" ? (handler) => take(handler) : undefined;
};

const install = (): Take => {
  let handle: SignalHandler | undefined;
  const waiting: number[] = [];
  for (const signal of FORWARDED) {
    process.on(signalName(signal), () => (handle === undefined ? waiting.push(signal) : handle(signal)));
  }
  const take: Take = (handler) => {
    handle = handler;
    for (const signal of waiting.splice(0)) handler(signal);
  };
  Reflect.set(globalThis, TAKE, take);
  return take;
};

/**
 * Listens to every signal that is forwarded, and keeps what arrives until somebody takes it. The first statement of the
 * program: before it a TERM kills us without a word, and USR1 opens Node's debugger. May be called again without effect.
 */
export const listenForSignals = (): void => {
  if (installed() === undefined) install();
};

/** Stops this process, as a program without a listener for TSTP is stopped: the shell above then takes its terminal back. */
export const suspend = (): void => void process.kill(process.pid, "SIGSTOP");

/** Hands over what has arrived (before this returns), then each signal as it comes. The newest handler replaces the one before. */
export const takeSignals: Take = (handler) => (installed() ?? install())(handler);
