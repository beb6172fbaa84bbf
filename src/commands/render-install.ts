import type { ElfNeeds } from "../core/elf-needs.ts";
import { VERSION } from "../version.ts";

export type InstallView = {
  /** The path that leads to the runtime, also after the next install. */
  readonly folder: string;
  readonly outcome: "installed" | "already there" | "would be installed";
  readonly node: string;
  readonly bytes: number;
  readonly tini: boolean;
  /** It has its own C library and entry program, and is bound to the path of the folder. */
  readonly portable: boolean;
  /** Of Node; `undefined`: it is not known. */
  readonly needs: ElfNeeds | undefined;
};

/** How it is started: no shell, as many images have none. */
const commandOf = ({ folder, portable }: InstallView, ...words: readonly string[]): readonly string[] => [
  ...(portable ? [`${folder}/kgsync`] : [`${folder}/node`, `${folder}/kgsync.cjs`]),
  ...words,
];

/** What the app's image must have, in words; `undefined`: nothing. */
const needsText = (needs: ElfNeeds | undefined): string | undefined => {
  if (needs === undefined) return "what Node needs of the app's image could not be read";
  if (needs.loader === undefined) return undefined;
  const libc = needs.loader.includes("musl")
    ? "musl, as in Alpine"
    : "glibc, as in Debian, Ubuntu, distroless/cc; not Alpine, not scratch";
  return `the app's image must have ${[needs.loader, ...needs.libraries].join(", ")} (${libc})`;
};

/** What was done, and what to put into the app's container. Ends with a newline. */
export const renderInstall = (view: InstallView, json: boolean): string => {
  const { folder, outcome, node, bytes, tini, portable, needs } = view;
  const command = commandOf(view, "run", "--");
  const health = commandOf(view, "health");
  if (json) {
    const made = { outcome, folder, version: VERSION, node, bytes, tini, portable };
    const shown = { ...made, command, health, needs: needs ?? null };
    return `${JSON.stringify(shown, undefined, 2)}\n`;
  }
  const needed = needsText(needs);
  return `${[
    `${outcome}: ${folder} (kgsync ${VERSION}, Node ${node}, ${Math.round(bytes / 1024 / 1024)} MiB)`,
    `command:  ${JSON.stringify([...command, "APP", "ARG"])}`,
    `probe:    ${JSON.stringify(health)}`,
    ...(tini ? [] : ["warning:  tini was not found here: the app's container needs an init that reaps orphans"]),
    ...(portable ? [`mount:    at this very path; the app's image needs nothing`] : []),
    ...(needed === undefined ? [] : [`needs:    ${needed}`]),
  ].join("\n")}\n`;
};
