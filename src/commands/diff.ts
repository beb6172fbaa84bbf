import { resolve } from "node:path";
import { findDocument } from "../app/find-document.ts";
import type { Config } from "../config/schema.ts";
import type { Log } from "../ports/log.ts";
import { compareDocuments } from "./compare-documents.ts";
import type { InspectRequest } from "./parse-inspect.ts";
import type { Program } from "./program.ts";
import { renderDiff } from "./render-diff.ts";
import { renderDiffJson } from "./render-diff-json.ts";
import { useColour } from "./use-colour.ts";
import { withBucket } from "./with-bucket.ts";

const EQUAL = 0;
const DIFFERENT = 1;

/** `kgsync diff`: what `to` has otherwise than `from`. Answers the exit code, as diff(1): 0 equal by meaning, 1 different. */
export const diff = (
  program: Program,
  config: Config,
  log: Log,
  { from, to, json }: Extract<InspectRequest, { command: "diff" }>,
  stop: AbortSignal,
): Promise<number> =>
  withBucket(program, config, log, stop, async (io, signal) => {
    const [before, after] = await Promise.all([from, to].map((word) => findDocument(io, word, resolve(word), signal)));
    if (before === undefined || after === undefined) throw new RangeError("two documents are compared");
    const comparison = compareDocuments(before, after, io);
    program.print(json ? renderDiffJson(comparison) : renderDiff(comparison, useColour(program.env)));
    return comparison.sections.length === 0 ? EQUAL : DIFFERENT;
  });
