import { readFileSync } from "node:fs";
import { createMerge } from "../adapters/merge-worker/create-merge.ts";
import { nodeSha256 } from "../adapters/node-sha256.ts";
import { KgsyncError } from "../core/errors.ts";
import { checkGraph } from "../core/graph.ts";
import { type RecordedVersion, renderConflictRecord } from "../core/merge/conflict-record.ts";
import type { MergeOutcome } from "../core/merge/merge-types.ts";
import { readDocument } from "../core/merge/read-document.ts";
import type { Log } from "../ports/log.ts";
import type { MergeFileRequest } from "./parse-merge-file.ts";
import { type Program, writerName } from "./program.ts";
import { writeResult } from "./write-result.ts";

type Documents = Readonly<Record<"base" | "ours" | "theirs", Uint8Array>>;
type Format = "json" | "jsonl";

/** As many as a person reads, and as fit on one line of the log; the report has all. */
const SHOWN = 10;
const CLEAN = 0;
const CONFLICTS = 1;
const REFUSED = 2;

/**
 * `kgsync merge-file`: merges three files; the result goes to stdout or `output`. Answers the exit code: 0 clean, 1 there were
 * conflicts and they are recorded, 2 refused and nothing is written (git leaves ours then). Rejects with KgsyncError `disk`.
 */
export const mergeFile = async (program: Program, log: Log, request: MergeFileRequest): Promise<number> => {
  const documents = {
    base: readBytes(request.base),
    ours: readBytes(request.ours),
    theirs: readBytes(request.theirs),
  };
  const format = formatOf(request);
  const outcome = checked(await mergeDocuments(documents, format, request), documents, format);
  if (outcome.kind === "refused") {
    log.error("merge-file.refused", `nothing was merged: ${outcome.why}`);
    return REFUSED;
  }
  // The record before the result: who finds the result must be able to find what it left out.
  if (request.report !== undefined) {
    const text = renderConflictRecord(recordOf(program, request, documents, outcome));
    await writeResult(request.report, new TextEncoder().encode(text));
  }
  if (request.output === undefined) printResult(program, outcome.bytes);
  else await writeResult(request.output, outcome.bytes);
  return tell(log, outcome);
};

type Merged = Extract<MergeOutcome, { kind: "merged" }>;

/** Who reads may have gone, and a disk that it is redirected to may be full. */
const printResult = (program: Program, bytes: Uint8Array): void => {
  try {
    program.print(bytes);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : "";
    throw new KgsyncError("disk", `standard output cannot be written: ${why}`, { cause });
  }
};

const readBytes = (path: string): Uint8Array => {
  try {
    return readFileSync(path);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : "";
    throw new KgsyncError("disk", `${path} cannot be read: ${why}`, {
      cause,
      hint: "Check the path; nothing was written.",
    });
  }
};

const formatOf = ({ path, ours }: MergeFileRequest): Format => ((path ?? ours).endsWith(".jsonl") ? "jsonl" : "json");

const mergeDocuments = (
  { base, ours, theirs }: Documents,
  format: Format,
  { policy, identityAt }: MergeFileRequest,
): Promise<MergeOutcome> =>
  createMerge()({
    base: base.length === 0 ? "absent" : base, // git gives an empty file where both sides added the document
    ours,
    theirs,
    options: { policy, format, ...(identityAt === undefined ? {} : { identityAt }) },
  });

/** A fast-forward looks into nothing, and nobody has found these files valid before. */
const checked = (outcome: MergeOutcome, documents: Documents, format: Format): MergeOutcome => {
  if (outcome.kind === "refused") return outcome;
  if (outcome.equalTo === undefined) return losesLoading(outcome.bytes, documents, format) ? UNLOADABLE : outcome;
  const read = readDocument(outcome.bytes, format);
  return read.ok ? outcome : { kind: "refused", why: `${outcome.equalTo}: ${read.why}` };
};

const UNLOADABLE: MergeOutcome = {
  kind: "refused",
  why: "the app could load either document, but not the two merged",
};

const losesLoading = (merged: Uint8Array, { ours, theirs }: Documents, format: Format): boolean => {
  const loads = (bytes: Uint8Array): boolean => checkGraph(bytes, "auto").kind === "valid";
  return format === "json" && !loads(merged) && loads(ours) && loads(theirs);
};

const recordOf = (
  program: Program,
  request: MergeFileRequest,
  documents: Documents,
  { bytes, conflicts, warnings }: Merged,
) => {
  const version = (content: Uint8Array, key?: string): RecordedVersion => ({ sha256: nodeSha256(content), key });
  return {
    time: new Date(program.clock.now().wall).toISOString(),
    writer: writerName(program),
    policy: request.policy,
    base: documents.base.length === 0 ? undefined : version(documents.base, request.base),
    ours: version(documents.ours, request.ours),
    theirs: version(documents.theirs, request.theirs),
    result: version(bytes, request.output),
    conflicts,
    warnings,
  };
};

const tell = (log: Log, { conflicts, warnings }: Merged): number => {
  for (const warning of warnings) log.warn("merge-file.warning", warning);
  if (conflicts.length === 0) return CLEAN;
  log.warn("merge-file.conflicts", "both sides changed the same, and one was chosen; the report has what was not", {
    count: conflicts.length,
    first: conflicts.slice(0, SHOWN).map(({ pointer, kind, chosen }) => `${pointer} (${kind}): ${chosen}`),
  });
  return CONFLICTS;
};
