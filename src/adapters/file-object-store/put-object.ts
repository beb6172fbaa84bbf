import { KgsyncError } from "../../core/errors.ts";
import type { Key } from "../../core/key.ts";
import type { ETag } from "../../core/version.ts";
import type { Body, PutMode, PutOptions, PutOutcome } from "../../ports/object-store.ts";
import { commit, forgetOld } from "./commit.ts";
import { type CurrentVersion, currentVersion } from "./current-version.ts";
import { unless } from "./disk-error.ts";
import { makeFolders } from "./folders.ts";
import { HIDDEN, type Place } from "./place.ts";
import { retire } from "./project.ts";
import { stageBody, stageRecord } from "./stage.ts";
import { etagOf } from "./stamp.ts";
import type { VersionRecord } from "./version-record.ts";
import { wasProjected } from "./was-projected.ts";

export type PutRequest = {
  readonly key: Key;
  readonly body: Body;
  readonly mode: PutMode;
  readonly options: PutOptions;
};

export type PutWatch = {
  /** Called with the file system's time (nanoseconds) once the body is on disk. */
  readonly staged: (begun: bigint) => Promise<void>;
  /** Called before the one step that has an effect. */
  readonly sent: () => void;
};

const allows = (mode: PutMode, now: CurrentVersion): boolean =>
  mode.mode === "overwrite" ||
  (mode.mode === "create"
    ? now.file === undefined
    : now.file !== undefined && etagOf(now.number, now.file.stamp) === mode.etag);

/** Refuses, before anything is committed, what could not become a plain file after it. */
const checkTarget = async (place: Place, key: Key): Promise<void> => {
  const { path } = await makeFolders(place, key.split("/").slice(0, -1));
  const { path: writes } = await makeFolders(place, [HIDDEN, "writes"]);
  if ((await place.disk.lstat(path)).dev !== (await place.disk.lstat(writes)).dev) {
    throw new KgsyncError("bucket-denied", `${path} is on another mount than ${place.root}`, {
      hint: "The folder of a file:// bucket must lie on one mount, all of it.",
    });
  }
  const target = await unless(["ENOENT"], undefined, () => place.disk.lstat(place.plain(key)));
  if (target !== undefined && !target.isFile()) {
    throw new KgsyncError("bucket-denied", `${place.plain(key)} is not a plain file`, {
      hint: "Move away what lies there; an object needs its place.",
    });
  }
};

type Staging = Pick<VersionRecord, "id" | "key" | "content">;

/** One attempt after another until the number is ours, or the condition is false. Rejects only when nothing is linked. */
const race = async (
  place: Place,
  { key, mode }: PutRequest,
  staging: Staging,
  signal: AbortSignal,
  sent: () => void,
): Promise<VersionRecord | "conflict" | "unsure"> => {
  for (;;) {
    // Looked at again: staging a large body takes time, and what came meanwhile must not be overwritten.
    const now = await currentVersion(place, key, signal);
    if (!allows(mode, now)) return "conflict";
    const record = { ...staging, number: now.number + 1, replaces: now.file?.stamp };
    await stageRecord(place, record);
    signal.throwIfAborted();
    sent();
    const end = await commit(place, record);
    if (end === "committed") return record;
    if (end === "unsure") return "unsure";
    if (mode.mode !== "overwrite") return "conflict";
  }
};

const unknown = (place: Place, key: Key, why: string, cause?: unknown): PutOutcome => ({
  outcome: "unknown",
  cause: new KgsyncError("bucket-unavailable", `${place.plain(key)}: ${why}`, { cause }),
});

/** What follows the commit: the version counts from there on, so a failure here is an unknown outcome at worst. */
const finish = async (place: Place, record: VersionRecord, key: Key, stored: ETag): Promise<PutOutcome> => {
  try {
    if (!(await wasProjected(place, record))) return unknown(place, key, "another file was put there meanwhile");
    await forgetOld(place, key).catch(() => {}); // the next write does it
    return { outcome: "stored", etag: stored };
  } catch (cause) {
    return unknown(place, key, "committed, but not known to have reached its place", cause);
  }
};

/**
 * Stages the body, commits its record, projects it. A crash between any two steps leaves the old or the new version,
 * whole. Rejects only when there was no effect.
 */
export const putObject = async (
  place: Place,
  id: string,
  request: PutRequest,
  signal: AbortSignal,
  { sent, staged }: PutWatch,
): Promise<PutOutcome> => {
  const { key, body, mode, options } = request;
  const before = await currentVersion(place, key, signal);
  if (!allows(mode, before)) return { outcome: "conflict" };
  await checkTarget(place, key);
  let raced: VersionRecord | "conflict" | "unsure" = "conflict";
  try {
    const { digest, stamp, begun } = await stageBody(place, id, body, before.file?.mode, signal);
    await staged(begun);
    const content = { digest, stamp, contentType: options.contentType, metadata: options.metadata };
    raced = await race(place, request, { id, key, content }, signal, sent);
    if (raced === "conflict") return { outcome: "conflict" };
    if (raced === "unsure") return unknown(place, key, "the link may be there, or others came too close after it");
    return await finish(place, raced, key, etagOf(raced.number, stamp));
  } finally {
    // What may have been committed is never removed here: its body is the content until it is projected.
    if (raced === "conflict") await retire(place, id).catch(() => {});
  }
};
