import { type Finding, ok, problem, warning } from "./finding.ts";

/** Times in Unix milliseconds. */
export type SkewFacts = {
  /** Our clock, before and after the write. */
  readonly before: number;
  readonly after: number;
  /** When the server says that it was written, in whole seconds. `undefined`: it did not say. */
  readonly written: number | undefined;
};

const SECOND = 1000;
const WARN_MS = 5 * SECOND;
/** Amazon S3 API Reference, "Error responses": RequestTimeTooSkewed. */
const REFUSED_MS = 15 * 60 * SECOND;

/** How far the server's clock is surely ahead of ours; below 0: behind. */
export const skewOf = ({ before, after, written }: SkewFacts & { readonly written: number }): number => {
  if (written > after) return written - after;
  // A time in whole seconds was cut off.
  return written + SECOND < before ? written + SECOND - before : 0;
};

/** Our clock beside the server's, by the time that it gave an object that we have just written. */
export const judgeSkew = (facts: SkewFacts): Finding => {
  const check = "clock";
  if (facts.written === undefined)
    return warning(check, "the server's clock was not seen", "Run it again once writing and listing work.");
  const skew = skewOf({ ...facts, written: facts.written });
  const seconds = Math.round(Math.abs(skew) / SECOND);
  const saw = `this clock is ${seconds} s ${skew < 0 ? "ahead of" : "behind"} the server's`;
  const advice = "Set this machine's clock by NTP: `KGSYNC_ON_CONFLICT=newest` goes by what the app's clock says.";
  if (Math.abs(skew) > REFUSED_MS)
    return problem(check, "bucket-denied", `${saw}; servers refuse from 15 minutes`, advice);
  if (Math.abs(skew) > WARN_MS) return warning(check, saw, advice);
  return ok(check, "this clock and the server's agree");
};
