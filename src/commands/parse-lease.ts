import type { Flags } from "../config/read-setting.ts";
import { KgsyncError } from "../core/errors.ts";
import { type OwnOptions, parseFlags } from "./parse-flags.ts";

/** What `kgsync lease` is to do. */
export type LeaseRequest = {
  readonly action: "show" | "release";
  /** Of `show`: for programs. */
  readonly json: boolean;
  /** Of `release`: said with `--force` that a holder who is still there may lose it. */
  readonly yes: boolean;
};

const OPTIONS = {
  none: { valued: [], plain: ["help"] },
  show: { valued: [], plain: ["help", "json"] },
  release: { valued: [], plain: ["help", "force"] },
} as const satisfies Record<string, OwnOptions>;

const EXAMPLE = "For example: kgsync lease show";

/** Reads its arguments: the action first, then options. Throws KgsyncError `usage`. */
export const parseLease = (args: readonly string[]): ({ readonly flags: Flags } & LeaseRequest) | "help" => {
  const [word = "", ...rest] = args;
  const action = word === "show" || word === "release" ? word : undefined;
  const parsed = parseFlags("lease", action === undefined ? args : rest, OPTIONS[action ?? "none"]);
  if (parsed.own.has("help")) return "help";
  if (action === undefined)
    throw new KgsyncError("usage", "kgsync lease needs show or release first.", { hint: EXAMPLE });
  const [extra] = parsed.rest;
  if (extra !== undefined)
    throw new KgsyncError("usage", `kgsync lease ${action} takes no ${JSON.stringify(extra)}: only options.`);
  return { flags: parsed.flags, action, json: parsed.own.has("json"), yes: parsed.own.has("force") };
};
