import { type Finding, ok, problem, warning } from "../core/doctor/finding.ts";
import { judgeSkew } from "../core/doctor/judge-skew.ts";
import { KgsyncError, toKgsyncError } from "../core/errors.ts";
import { key } from "../core/key.ts";
import type { Budget } from "./budget.ts";
import type { Io } from "./io.ts";
import { CREATE_ONLY_HINT, probeStore } from "./probe-store.ts";

export type ExamineIo = Pick<Io, "store" | "clock" | "random" | "writer" | "inspect" | "document" | "traits"> & {
  readonly rules: Pick<Io["rules"], "s3Conditions">;
};

/** The doctor's own object, written and deleted again: what is there for others is never touched. */
export const DOCTOR_KEY = key(".kgsync/doctor");

/** A graph that is larger is not read to be looked at. */
const LARGE = 64 * 1024 * 1024;

/**
 * Tries what kgsync needs of a bucket: list, get, create-only and conditional puts, whether conditions are honoured, delete,
 * and what the server's clock says. Only its own object is written. Stops at the first sign that nobody answers.
 */
export const examineBucket = async (io: ExamineIo, budget: Budget): Promise<readonly Finding[]> => {
  const list = await tried("bucket.list", () => budget.attempt((signal) => listOne(io, signal)));
  if (list.code === "bucket-unavailable" || list.code === "bucket-missing") return [list];
  const graph = await tried("bucket.get", () => lookAtGraph(io, budget));
  // In the same words: it did not come as far as asking for either.
  if (list.status === "problem" && list.saw === graph.saw) return [list];
  const written = await writeProbe(io, budget);
  return [list, graph, ...written];
};

/** `work`'s finding, or the error as one. */
const tried = async (check: string, work: () => Promise<Finding>): Promise<Finding> => {
  try {
    return await work();
  } catch (thrown) {
    const error = toKgsyncError(thrown);
    return problem(check, error.code, error.message, error.hint);
  }
};

const listOne = async ({ store }: ExamineIo, signal: AbortSignal): Promise<Finding> => {
  for await (const _ of store.list("", signal)) return ok("bucket.list", `${store.name} can be listed`);
  return ok("bucket.list", `${store.name} can be listed; nothing is there yet`);
};

const lookAtGraph = async ({ store, inspect, document }: ExamineIo, budget: Budget): Promise<Finding> => {
  const check = "bucket.get";
  const head = await budget.attempt((signal) => store.head(document.key, signal));
  if (head === undefined)
    return warning(
      check,
      "the bucket has no graph yet: the next start is a first boot",
      "If there should be one, check the prefix in KGSYNC_BUCKET. Once you are in production: KGSYNC_FIRST_BOOT=refuse.",
    );
  if (head.size > LARGE) return ok(check, `the graph can be read: ${head.size} bytes, not looked into`);
  const object = await budget.attempt((signal) => store.get(document.key, signal));
  const seen = await inspect(object?.body ?? new Uint8Array(0));
  return seen.kind === "valid"
    ? ok(check, `the graph can be read and is valid: ${head.size} bytes`)
    : problem(
        check,
        "graph-invalid",
        `the bucket's graph is not valid: ${seen.why}`,
        "Put a good version in its place, or start once with KGSYNC_ON_INVALID_REMOTE=fallback.",
      );
};

const writeProbe = async (io: ExamineIo, budget: Budget): Promise<readonly Finding[]> => {
  const before = io.clock.now().wall;
  const conditions = await tried("bucket.put", async () => {
    const result =
      io.traits?.conditional === true ? await putOne(io, budget) : await probeStore(io, budget, DOCTOR_KEY);
    if (result === "honoured" && io.rules.s3Conditions === "create-only")
      return warning(
        "bucket.put",
        "conditions are honoured, also of updates: nothing is begun with create-only on this server",
        "Remove KGSYNC_S3_CONDITIONS=create-only, unless this bucket was begun in it.",
      );
    if (result === "honoured")
      return ok("bucket.put", "objects can be created and updated, and conditions are honoured");
    if (result === "inconclusive")
      return warning(
        "bucket.put",
        "no clear answer on conditional writes",
        "Run it again; look for a proxy that loses answers.",
      );
    if (result.creates && io.rules.s3Conditions === "create-only")
      return ok("bucket.put", "objects can be created, and that condition is honoured: all that create-only needs");
    const advice = result.creates ? CREATE_ONLY_HINT : UNSAFE;
    return problem("bucket.put", "store-unsafe", `conditional writes are not honoured: ${result.fault}`, advice);
  });
  const after = io.clock.now().wall;
  if (conditions.status === "problem" && conditions.code !== "store-unsafe") return [conditions];
  const skew = await tried("clock", async () =>
    judgeSkew({ before, after, written: await budget.attempt((signal) => writtenAt(io, signal)) }),
  );
  return [conditions, skew, await removeProbe(io, budget)];
};

/** Where conditions are honoured in any case, one write shows that writes go through. */
const putOne = async ({ store, writer }: ExamineIo, budget: Budget): Promise<"honoured" | "inconclusive"> => {
  const body = new TextEncoder().encode(`${writer}\n`);
  const options = { contentType: "text/plain", metadata: {} };
  const put = await budget.attempt((signal) => store.put(DOCTOR_KEY, body, { mode: "overwrite" }, options, signal));
  return put.outcome === "stored" ? "honoured" : "inconclusive";
};

const UNSAFE = "Use a store that honours If-Match and If-None-Match: two writers can overwrite each other on this one.";

const writtenAt = async ({ store }: ExamineIo, signal: AbortSignal): Promise<number | undefined> => {
  for await (const { name, modified } of store.list(DOCTOR_KEY, signal)) if (name === DOCTOR_KEY) return modified;
  return undefined;
};

/** Only pruning needs it: a bucket that keeps everything is no problem. */
const removeProbe = async ({ store }: ExamineIo, budget: Budget): Promise<Finding> => {
  try {
    await budget.attempt((signal) => store.delete(DOCTOR_KEY, signal));
    return ok("bucket.delete", "objects can be deleted");
  } catch (thrown) {
    if (!(thrown instanceof KgsyncError)) throw thrown;
    return warning(
      "bucket.delete",
      `${thrown.message}; ${DOCTOR_KEY} stays there`,
      "Allow delete below .kgsync/, so that old versions can be pruned, or set KGSYNC_HISTORY=0 and a lifecycle rule.",
    );
  }
};
