import type { Phase } from "../../lifecycle-types.ts";
import { dataState, unsyncedMs, type View, whyWaiting } from "../view.ts";
import { span } from "./words.ts";

/** What a person wants to see at a glance. `tone`: green, blue, amber, red. */
export type Verdict = {
  readonly tone: "good" | "quiet" | "warn" | "bad";
  readonly title: string;
  readonly words: string;
};

/** Saves wait for a moment in every push. After this they wait for too long; the alert fires then too. */
const LONG_MS = 300_000;

const DOING: Readonly<Record<Phase, string>> = {
  owning: "kgsync makes sure that the files are its own; the app was not started yet.",
  leasing: "kgsync asks for the lease; the app was not started yet.",
  pulling: "The files come down from the bucket; the app was not started yet.",
  spawning: "The app is being started.",
  running: "The app runs.",
  stopping: "The app is being stopped; what it has saved goes to the bucket.",
  ending: "The app has ended; what it has left behind is waited for.",
  pushing: "The app has ended; its last save goes to the bucket.",
  done: "kgsync has ended.",
};

export const verdict = (view: View): Verdict => {
  const { phase, lease, chronicle } = view;
  if (phase === "leasing" && lease?.waitingFor !== undefined)
    return { tone: "quiet", title: "Standing by", words: `${lease.waitingFor} holds the lease.` };
  if (view.unsyncedSince !== undefined) return waiting(view);
  if (phase !== "running")
    return {
      tone: "quiet",
      title: chronicle.child.starts > 0 && phase !== "pulling" ? "Stopping" : "Starting",
      words: DOING[phase],
    };
  return running(view);
};

const running = (view: View): Verdict => {
  switch (dataState(view)) {
    case "waiting":
      return waiting(view);
    case "readonly":
      return {
        tone: "warn",
        title: "Read only",
        words: `${view.readonlyUnder} holds the lease: nothing that this app saves is pushed.`,
      };
    case "unknown":
      return { tone: "quiet", title: "Running", words: "The app runs; the graph on disk was not looked into yet." };
    case "ahead":
      return {
        tone: "quiet",
        title: "The bucket has more",
        words:
          "All of the app's work is in the bucket. Others have written too, and the app sees that at its next start.",
      };
    case "in-step":
      return { tone: "good", title: "In step", words: "All local work is in the bucket." };
  }
};

const waiting = (view: View): Verdict => {
  const ms = unsyncedMs(view);
  const why = whyWaiting(view);
  return {
    tone: ms >= LONG_MS ? "bad" : "warn",
    title: "Behind",
    words: `Local work has been waiting for ${span(ms)} to get to the bucket${why === undefined ? "" : `: ${why}`}.`,
  };
};
