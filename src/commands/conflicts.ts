import { createBudget } from "../app/budget.ts";
import type { FoundDocument } from "../app/find-document.ts";
import type { Io } from "../app/io.ts";
import { placeOf } from "../app/keys.ts";
import { listConflicts } from "../app/list-conflicts.ts";
import { markResolved } from "../app/mark-resolved.ts";
import { type FoundConflict, readConflict } from "../app/read-conflict.ts";
import { resolveConflict } from "../app/resolve-conflict.ts";
import type { Config } from "../config/schema.ts";
import { KgsyncError } from "../core/errors.ts";
import type { Side } from "../core/merge/merge-types.ts";
import type { Log } from "../ports/log.ts";
import { bringBack } from "./bring-back.ts";
import type { ConflictsRequest } from "./parse-conflicts.ts";
import type { Program } from "./program.ts";
import { renderConflict, renderConflictJson, renderConflicts, renderConflictsJson } from "./render-conflicts.ts";
import { useColour } from "./use-colour.ts";
import { withBucket } from "./with-bucket.ts";

type Resolve = Extract<ConflictsRequest, { action: "resolve" }>;

/** `kgsync conflicts`: lists, shows and settles what gave way in a merge. Resolves with the exit code. */
export const conflicts = (
  program: Program,
  config: Config,
  log: Log,
  request: ConflictsRequest,
  stop: AbortSignal,
): Promise<number> => {
  switch (request.action) {
    case "list":
      return withBucket(program, config, log, stop, async (io, signal) => {
        const found = (await listConflicts(io, signal)).filter(({ resolved }) => request.all || !resolved);
        const paint = useColour(program.env);
        program.print(
          request.json ? renderConflictsJson(io.store.name, found) : renderConflicts(found, request.all, paint),
        );
        return 0;
      });
    case "show":
      return withBucket(program, config, log, stop, async (io, signal) => {
        const found = await readConflict(io, request.name, signal);
        program.print(request.json ? renderConflictJson(found) : renderConflict(found, useColour(program.env)));
        return 0;
      });
    case "resolve":
      return request.choice === "keep"
        ? keep(program, config, log, request, stop)
        : choose(program, config, log, { ...request, choice: request.choice }, stop);
  }
};

const keep = (program: Program, config: Config, log: Log, { name, dryRun }: Resolve, stop: AbortSignal) =>
  withBucket(program, config, log, stop, async (io) => {
    const budget = createBudget(io.clock, config.startTimeout, config.startTimeout, stop);
    try {
      const found = await readConflict(io, name, budget.signal);
      if (!dryRun) await markResolved(io, found, "keep", budget);
      return 0;
    } finally {
      budget.close();
    }
  });

const choose = (
  program: Program,
  config: Config,
  log: Log,
  { name, choice, at, ...options }: Resolve & { readonly choice: Side },
  stop: AbortSignal,
): Promise<number> => {
  let found: FoundConflict | undefined;
  return bringBack(
    program,
    config,
    log,
    {
      ...options,
      make: async (io, current, budget): Promise<FoundDocument> => {
        if (current === undefined)
          throw new KgsyncError("usage", `there is no graph in ${io.store.name} that a value could be put into`, {
            hint: "`kgsync restore` makes a version, a backup or a file the graph.",
          });
        found = await readConflict(io, name, budget.signal);
        const bytes = await resolveConflict(io, found, current, { side: choice, at }, budget);
        return asDocument(io, `${found.listed.name} --${choice}`, bytes);
      },
      done: async (io, budget) => {
        if (found === undefined) return;
        if (at === undefined) await markResolved(io, found, choice, budget);
        else
          io.log.info("conflicts.open", "the conflict stays open for its other places; --keep settles it", {
            conflict: found.listed.name,
          });
      },
    },
    stop,
  );
};

const asDocument = (io: Io, name: string, bytes: Uint8Array): FoundDocument => ({
  name,
  place: placeOf(io, io.document.key),
  bytes,
  sha256: io.sha256(bytes),
});
