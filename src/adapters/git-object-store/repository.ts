import type { Clock } from "../../ports/clock.ts";
import type { Random } from "../../ports/random.ts";
import { authorOf } from "./author-of.ts";
import type { CopyFolder } from "./copy-folder.ts";
import { type Copy, fetchHead } from "./fetch-head.ts";
import { type GitToken, gitEnvironment, gitOptions } from "./git-environment.ts";
import type { GitRemote } from "./git-remote.ts";
import { isThere, openCopy } from "./open-copy.ts";
import { createRunGit } from "./run-git.ts";
import type { Snapshot } from "./snapshot.ts";
import { createCompany, createLane } from "./together.ts";

export type RepositoryOptions = {
  readonly remote: GitRemote;
  /** The folder in which the copy of the repository lies from run to run; where it cannot be written to, a temporary one is made. */
  readonly parent: string;
  /** git's environment: the container's. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** As it is now; undefined: git's own ways to credentials. */
  readonly token: () => GitToken | undefined;
  /** `Name <email>`; undefined: what git knows. */
  readonly author: string | undefined;
  /** How long the server may send nothing, in milliseconds. */
  readonly stallMs: number;
  readonly clock: Clock;
  readonly random: Random;
};

/** The copy on the disk and what is known of the remote's branch. */
export type Repository = {
  readonly copy: () => Promise<Copy>;
  readonly author: () => Promise<string>;
  readonly known: () => Snapshot | undefined;
  readonly learn: (snapshot: Snapshot | undefined) => void;
  /** Runs what uses the branch, one after the other. */
  readonly alone: <T>(work: () => Promise<T>) => Promise<T>;
  /** What the branch holds at a moment after this call; all who ask before it begins share one question. */
  readonly look: (signal: AbortSignal) => Promise<Snapshot>;
  /** The same for who is alone already. */
  readonly lookAlone: (signal: AbortSignal) => Promise<Snapshot>;
  /** Packs what has gathered in the copy, unless somebody needs the branch meanwhile. Never rejects. */
  readonly tidy: (signal: AbortSignal) => Promise<void>;
  readonly close: () => void;
};

/** Loose objects from which on they are packed. */
const MANY_LOOSE = 2000;

export const createRepository = (options: RepositoryOptions): Repository => {
  const closing = new AbortController();
  const lane = createLane();
  const folders = new Set<CopyFolder>();
  const ends = new Set<() => void>();
  let opened: Promise<Copy> | undefined;
  let author: Promise<string> | undefined;
  let known: Snapshot | undefined;
  let next: { readonly company: ReturnType<typeof createCompany>; readonly promise: Promise<Snapshot> } | undefined;
  let tidying: AbortController | undefined;

  const gitIn = (path: string) => {
    const run = createRunGit(
      () => gitOptions(options.stallMs, options.token()),
      () => gitEnvironment(options.env, path, options.token()),
    );
    ends.add(run.end);
    return run;
  };
  const open = async (): Promise<Copy> => {
    const { copy, folder } = await openCopy({ ...options, gitIn }, closing.signal);
    folders.add(folder);
    known = undefined;
    return copy;
  };
  const copy = async (): Promise<Copy> => {
    const before = opened;
    const there = await before?.catch(() => undefined);
    if (there !== undefined && isThere(there)) return there;
    if (opened === before || opened === undefined) opened = open();
    return opened;
  };
  const lookAlone = async (signal: AbortSignal): Promise<Snapshot> => {
    const there = await copy();
    known = await fetchHead(there, known, signal);
    return known;
  };
  const alone = <T>(work: () => Promise<T>): Promise<T> => {
    tidying?.abort();
    return lane(work);
  };
  const begin = () => {
    const company = createCompany();
    const promise = alone(() => {
      if (next?.company === company) next = undefined;
      return lookAlone(company.signal);
    });
    return { company, promise };
  };
  return {
    copy,
    author: async () => {
      const { git } = await copy();
      author ??= authorOf(git, options.author, closing.signal);
      return author;
    },
    known: () => known,
    learn: (snapshot) => {
      known = snapshot;
    },
    alone,
    look: (signal) => {
      if (next === undefined || next.company.signal.aborted) next = begin();
      next.company.join(signal);
      return next.promise;
    },
    lookAlone,
    tidy: async (signal) => {
      const { git } = await copy();
      const stop = new AbortController();
      tidying = stop;
      const gc = ["-c", `gc.auto=${MANY_LOOSE}`, "-c", "gc.autoDetach=false", "gc", "--auto", "--quiet"];
      await lane(() => git([...gc, "--prune=1.hour.ago"], { signal: AbortSignal.any([stop.signal, signal]) }));
    },
    close: () => {
      if (closing.signal.aborted) return;
      closing.abort();
      for (const end of ends) end();
      for (const folder of folders) folder.leave();
    },
  };
};
