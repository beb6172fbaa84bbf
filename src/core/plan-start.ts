import type { ErrorCode } from "./errors.ts";
import type { Digest } from "./version.ts";

/** `sameAsBase` and `sameAsRemote` are by meaning: clock fields alone make no difference. */
export type LocalGraph =
  | { readonly kind: "absent" }
  | { readonly kind: "damaged"; readonly why: string }
  | { readonly kind: "valid"; readonly sha256: Digest; readonly sameAsBase: boolean; readonly sameAsRemote: boolean };

export type RemoteGraph =
  | { readonly kind: "absent" }
  | { readonly kind: "invalid"; readonly why: string }
  | { readonly kind: "unreachable"; readonly code: ErrorCode }
  /** `moved`: it holds what base does not. `knowsLocal`: the local file is one of its ancestors. */
  | { readonly kind: "valid"; readonly sha256: Digest; readonly moved: boolean; readonly knowsLocal: boolean };

/** `none`: nothing is known, or it is known of another bucket. `elsewhere` tells the second from the first. */
export type BaseKnown = "none" | "absent" | "have" | "elsewhere";

export type StartRules = {
  readonly firstBoot: "allow" | "refuse";
  readonly onInvalidRemote: "refuse" | "fallback";
  readonly onUnreachable: "refuse" | "local";
  /** The shrink guard is latched: the bucket's graph is taken, ours is kept aside. */
  readonly latched: boolean;
};

/** What to do with the graph before the child may start, as data. `why` is for the log. */
export type StartPlan =
  | { readonly do: "start-empty"; readonly why: string }
  | { readonly do: "keep"; readonly why: string }
  /** `aside`: ours is copied to the state folder and to `conflicts/` first. */
  | { readonly do: "pull"; readonly aside: boolean; readonly why: string }
  | { readonly do: "create"; readonly alarm: boolean; readonly why: string }
  | { readonly do: "push"; readonly why: string }
  /** `base` tells whether a three-way merge is possible. */
  | { readonly do: "merge"; readonly base: boolean; readonly why: string }
  | { readonly do: "replace-invalid"; readonly why: string }
  | { readonly do: "start-local"; readonly why: string }
  | { readonly do: "refuse"; readonly code: ErrorCode; readonly why: string };

/**
 * | local | remote | base | do |
 * |---|---|---|---|
 * | absent | absent | none, absent | start-empty, or refuse by `firstBoot` |
 * | absent | valid | any | pull: never a deletion |
 * | valid | absent | none, absent | create |
 * | valid | absent | have, elsewhere | create with an alarm: not a first boot |
 * | absent, damaged | absent | have, elsewhere | refuse |
 * | valid | valid, equal | any | keep |
 * | valid = base | valid ≠ base | have | pull |
 * | valid ≠ base | valid = base | have | push |
 * | valid ≠ base | valid ≠ base | have | merge |
 * | valid | valid, differs | none, absent, elsewhere | ancestor → pull, kept aside; else merge without base |
 * | damaged | valid | any | pull, kept aside |
 * | damaged | absent | any | refuse |
 * | any | invalid | any | refuse, or replace-invalid by `onInvalidRemote` |
 * | valid | unreachable (not denied, not missing) | have | refuse, or start-local by `onUnreachable` |
 * | any | unreachable | otherwise | refuse |
 *
 * A latched guard turns push and merge into a pull with ours kept aside. Which side is newer is never asked of a clock.
 */
export const planStart = (local: LocalGraph, remote: RemoteGraph, base: BaseKnown, rules: StartRules): StartPlan => {
  switch (remote.kind) {
    case "absent":
      return planWithoutRemote(local, base, rules);
    case "invalid":
      return rules.onInvalidRemote === "fallback"
        ? { do: "replace-invalid", why: `the bucket's graph is invalid: ${remote.why}` }
        : { do: "refuse", code: "graph-invalid", why: `the bucket's graph is invalid: ${remote.why}` };
    case "unreachable":
      return local.kind === "valid" &&
        base === "have" &&
        rules.onUnreachable === "local" &&
        remote.code === "bucket-unavailable"
        ? { do: "start-local", why: "the bucket cannot be reached, and KGSYNC_ON_UNREACHABLE=local" }
        : {
            do: "refuse",
            code: remote.code,
            why: "the bucket cannot be read, so nobody knows what the newest graph is",
          };
    case "valid":
      return planWithRemote(local, remote, base, rules);
  }
};

const planWithoutRemote = (local: LocalGraph, base: BaseKnown, rules: StartRules): StartPlan => {
  const known = base === "have" || base === "elsewhere";
  if (local.kind === "damaged")
    return {
      do: "refuse",
      code: "graph-invalid",
      why: `the graph on disk is damaged (${local.why}) and the bucket has none`,
    };
  if (local.kind === "valid")
    return known
      ? { do: "create", alarm: true, why: "the bucket's graph is gone; the one on disk takes its place" }
      : { do: "create", alarm: false, why: "first boot with a graph on disk" };
  if (known)
    return {
      do: "refuse",
      code: "graph-invalid",
      why: "this folder has been in step with a graph, and now neither side has one",
    };
  return rules.firstBoot === "refuse"
    ? { do: "refuse", code: "graph-invalid", why: "neither side has a graph, and KGSYNC_FIRST_BOOT=refuse" }
    : { do: "start-empty", why: "first boot: neither side has a graph yet" };
};

const planWithRemote = (
  local: LocalGraph,
  remote: Extract<RemoteGraph, { kind: "valid" }>,
  base: BaseKnown,
  rules: StartRules,
): StartPlan => {
  if (local.kind === "absent") return { do: "pull", aside: false, why: "no graph on disk" };
  if (local.kind === "damaged") return { do: "pull", aside: true, why: `the graph on disk is damaged: ${local.why}` };
  if (local.sameAsRemote) return { do: "keep", why: "both sides are equal" };
  if (base === "have" && local.sameAsBase) return { do: "pull", aside: false, why: "only the bucket has changed" };
  if (base !== "have" && remote.knowsLocal)
    return { do: "pull", aside: true, why: "the graph on disk is an older version of the bucket's" };
  if (rules.latched) return { do: "pull", aside: true, why: "the shrink guard is latched" };
  if (base !== "have")
    return { do: "merge", base: false, why: "both sides have a graph and nothing is known of their past" };
  return remote.moved
    ? { do: "merge", base: true, why: "both sides have changed" }
    : { do: "push", why: "only the disk has changed" };
};
