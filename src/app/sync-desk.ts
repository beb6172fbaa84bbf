import type { LifecycleEvent, LifecycleState, Verdict } from "../core/lifecycle-types.ts";
import type { Clock } from "../ports/clock.ts";
import type { Facts } from "./perform-types.ts";
import type { Post } from "./session.ts";

/** What came of a push that somebody asked for. `refused`: none was made, and `why` says when one can be. */
export type SyncAnswer =
  | { readonly kind: "done"; readonly graph: "clean" | "stored" | "merged"; readonly backups: number }
  | { readonly kind: "unsafe" | "refused"; readonly why: string };

/** Where others ask a running kgsync to push now. */
export type SyncDesk = {
  /** Resolves with what the first push that began after the question came to. Never rejects. */
  readonly ask: () => Promise<SyncAnswer>;
  /** To be called with each step of the life cycle. */
  readonly step: (from: LifecycleState, event: LifecycleEvent, to: LifecycleState) => void;
  /** The way into the life cycle, once there is one. */
  readonly open: (post: Post) => void;
};

/** `from`: the number of the first push that counts. */
type Waiting = { readonly from: number; readonly until: number; readonly resolve: (answer: SyncAnswer) => void };

/** A file that is being written is looked at again by itself; who asks is not kept waiting for longer than this. */
const PATIENCE_MS = 10_000;

/** One push answers all that asked before it began. It looks like a hint to the life cycle: the rules of any push hold. */
export const createSyncDesk = (clock: Clock, facts: Facts): SyncDesk => {
  let post: Post | undefined;
  let state: Pick<LifecycleState, "phase" | "push"> = { phase: "owning", push: "none" };
  let begun = 0;
  let waiting: readonly Waiting[] = [];

  const settle = (data: Verdict, isOver: boolean): void => {
    const last = facts.lastPush();
    const now = clock.now().mono;
    const again = data === "unsafe" && last?.retry === "soon" && !isOver;
    const isAnswered = ({ from, until }: Waiting): boolean => isOver || (from <= begun && !(again && now < until));
    const answered = waiting.filter(isAnswered);
    waiting = waiting.filter((each) => !isAnswered(each));
    for (const { resolve } of answered) resolve(answerOf(data, facts));
  };

  return {
    ask: () => {
      if (post === undefined || !OPEN.has(state.phase))
        return Promise.resolve({ kind: "refused", why: `kgsync is ${state.phase}, and pushes only while an app runs` });
      const from = state.push === "final" ? begun : begun + 1;
      const answer = new Promise<SyncAnswer>((resolve) => {
        waiting = [...waiting, { from, until: clock.now().mono + PATIENCE_MS, resolve }];
      });
      post({ type: "look" });
      return answer;
    },
    step: (from, event, to) => {
      state = to;
      if (event.type === "push-ended" && from.push !== "none") settle(event.data, false);
      if (to.push !== "none" && (from.push === "none" || event.type === "push-ended")) begun++;
      if (to.phase === "done") settle("unsafe", true);
    },
    open: (given) => {
      post = given;
    },
  };
};

/** The phases that a push may still come in. */
const OPEN: ReadonlySet<LifecycleState["phase"]> = new Set(["running", "stopping", "ending", "pushing"]);

const answerOf = (data: Verdict, facts: Facts): SyncAnswer => {
  const holder = facts.readonlyUnder();
  if (holder !== undefined)
    return { kind: "refused", why: `${holder} holds the lease, and nothing is pushed without it` };
  const last = facts.lastPush();
  const unsafe = (why: string): SyncAnswer => ({ kind: "unsafe", why });
  if (data !== "safe") return unsafe(last?.why ?? (last?.retry === "soon" ? WRITING : ENDED));
  if (last === undefined) return unsafe(ENDED);
  const { graph, backups } = last;
  return graph === "clean" || graph === "stored" || graph === "merged"
    ? { kind: "done", graph, backups }
    : unsafe(WRITING);
};

const WRITING = "the files are being written";
const ENDED = "the push ended without an answer of the bucket";
