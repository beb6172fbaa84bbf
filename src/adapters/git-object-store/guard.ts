import { KgsyncError, toKgsyncError } from "../../core/errors.ts";

const aborted = (what: string, signal: AbortSignal): KgsyncError =>
  new KgsyncError("bucket-unavailable", `${what} was aborted`, { cause: signal.reason });

/** Runs the work; does not wait for its end after the abort, when it may still serve others who asked for the same. */
export const guard = async <T>(what: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> => {
  if (signal.aborted) throw aborted(what, signal);
  let stop = (): void => undefined;
  const stopped = new Promise<never>((_, reject) => {
    stop = () => reject(aborted(what, signal));
    signal.addEventListener("abort", stop, { once: true });
  });
  try {
    return await Promise.race([work(), stopped]);
  } catch (thrown) {
    throw toKgsyncError(thrown);
  } finally {
    signal.removeEventListener("abort", stop);
  }
};
