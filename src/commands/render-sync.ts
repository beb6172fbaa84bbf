import type { Survey } from "../app/survey.ts";
import type { Synced } from "../app/sync-all.ts";
import { documentWords } from "../core/document-words.ts";

/** `by`: the kgsync that runs there, which was asked, or the command itself. */
export type SyncedView = Synced & { readonly by: "running" | "command" };

const WORDS: Readonly<Record<Synced["graph"], string>> = {
  clean: "the graph was in step already",
  pulled: "the bucket's graph is on the disk",
  stored: "the graph on disk is in the bucket",
  merged: "the graph on disk is merged with the bucket's",
};

/** What a sync came to: one line, or one JSON object. Ends with a newline. */
export const renderSynced = (view: SyncedView, json: boolean): string => {
  if (json) return `${JSON.stringify(view, undefined, 2)}\n`;
  const { graph, by, pulled, pushed } = view;
  const backups = [
    ...(pulled === 0 ? [] : [`${files(pulled)} pulled`]),
    ...(pushed === 0 ? [] : [`${files(pushed)} pushed`]),
  ];
  const who = by === "running" ? " by the kgsync that runs here" : "";
  const documents = view.documents.map(({ name, outcome }) => `${name}: ${documentWords(WORDS[outcome])}`);
  return `in step${who}: ${[WORDS[graph], ...backups, ...documents].join(", ")}\n`;
};

const files = (count: number): string => (count === 1 ? "1 backup" : `${count} backups`);

/** What a sync would do, and nothing was done. `running`: a kgsync would be asked to do it. */
export const renderDryRun = ({ graph, backups, documents }: Survey, running: boolean, json: boolean): string => {
  if (json)
    return `${JSON.stringify({ by: running ? "running" : "command", graph, backups, documents }, undefined, 2)}\n`;
  const { pull, push, compare } = backups;
  const unsure = compare === 0 ? "" : `, ${compare} to be compared`;
  return [
    running ? "a kgsync runs here: it would be asked to push, and leaves the disk to its app" : "",
    `graph    ${PLANS[graph.do] ?? graph.do}: ${graph.why}`,
    `backups  ${pull} to pull, ${push} to push${unsure}`,
    ...documents.map(({ name, do: plan, why }) => `${name}  ${PLANS[plan] ?? plan}: ${why}`),
    "nothing was changed",
    "",
  ]
    .filter((line, n) => n > 0 || line !== "")
    .join("\n");
};

const PLANS: Readonly<Partial<Record<Survey["graph"]["do"], string>>> = {
  keep: "nothing to do",
  "start-empty": "nothing to do",
  create: "push",
};
