import { LEASE_KEY, type LeaseIo, readLease, writeLease } from "../app/lease-object.ts";
import type { Config } from "../config/schema.ts";
import { KgsyncError } from "../core/errors.ts";
import type { LeaseLook } from "../core/lease/judge-lease.ts";
import type { Lease } from "../core/lease/lease.ts";
import { released } from "../core/lease/next-lease.ts";
import { decodeMetadata } from "../core/metadata.ts";
import type { Log } from "../ports/log.ts";
import { openStore } from "./open-store.ts";
import type { LeaseRequest } from "./parse-lease.ts";
import { type Program, writerName } from "./program.ts";
import { renderLease } from "./render-lease.ts";
import { graphOf } from "./resolve-paths.ts";

/** The longest that all requests of the command may take together. */
const LIMIT_MS = 60_000;

/** A holder that renews at the same moment gets in between; twice in a row it does not. */
const TRIES = 3;

/** `kgsync lease show` and `kgsync lease release`. Resolves with the exit code. */
export const lease = async (
  program: Program,
  config: Config,
  log: Log,
  { action, json, yes }: LeaseRequest,
  signal: AbortSignal,
): Promise<number> => {
  const { store } = await openStore(program, config, log);
  const io: LeaseIo = { ...program, store, document: graphOf(config), log, writer: writerName(program) };
  const limit = program.clock.timeout(LIMIT_MS, signal);
  try {
    if (action === "release") await release(io, yes, limit.signal);
    else {
      const graphNow = store.head(io.document.key, limit.signal);
      const [look, graph] = await Promise.all([readLease(io, limit.signal), graphNow]);
      const epoch = decodeMetadata(graph?.metadata ?? {}, undefined)?.epoch;
      program.print(renderLease({ bucket: store.name, look, graph: graph === undefined ? "absent" : { epoch } }, json));
    }
    return 0;
  } finally {
    limit.cancel();
    store.close();
  }
};

/**
 * In the place of a holder that is gone: the same as that holder would have written, with its epoch. One that still lives
 * finds it at its next renewal, and stops its app.
 */
const release = async (io: LeaseIo, force: boolean, signal: AbortSignal): Promise<void> => {
  for (let n = 0; n < TRIES; n++) {
    const look = await readLease(io, signal);
    const found = await releasable(io, look, signal);
    if (found === undefined) return io.log.info("lease.free", "nobody holds the lease: there is nothing to release");
    if (!force)
      throw new KgsyncError(
        "lease-busy",
        `the lease in ${io.store.name} is held by ${found.holder} (epoch ${found.epoch})`,
        {
          hint: "If that one is gone, add --force. If it still lives, its app is stopped: end it instead, and it releases the lease itself.",
        },
      );
    const written = await writeLease(io, released(found, io.random.id()), look?.etag, signal);
    if (written.kind === "lost") throw written.error;
    if (written.kind === "stored")
      return io.log.warn(
        "lease.forced",
        "the lease was released in the holder's place; if it still lives, its app is stopped",
        {
          holder: found.holder,
          epoch: found.epoch,
        },
      );
  }
  throw new KgsyncError(
    "lease-busy",
    `${LEASE_KEY} was written each time before it could be released: its holder lives`,
  );
};

/** One that cannot be read is replaced by a readable one, with the epoch that the graph is known to have. */
const releasable = async (io: LeaseIo, look: LeaseLook, signal: AbortSignal): Promise<Lease | undefined> => {
  if (look === undefined) return undefined;
  if (look.parsed.kind === "lease") return look.parsed.lease.state === "held" ? look.parsed.lease : undefined;
  const graph = await io.store.head(io.document.key, signal);
  const epoch = decodeMetadata(graph?.metadata ?? {}, undefined)?.epoch ?? 1;
  return { holder: "somebody unknown", epoch, nonce: "", ttlMs: 1, state: "held", wanted: undefined };
};
