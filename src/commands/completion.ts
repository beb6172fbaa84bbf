import { SETTINGS } from "../config/schema.ts";
import { helpText, isTopic, TOPICS, type Topic } from "./help.ts";

export type Shell = "bash" | "zsh" | "fish";

/** What may stand behind a command: its actions (`show`, `resolve`), and options with their dashes. */
export type Completed = { readonly actions: readonly string[]; readonly options: readonly string[] };

/** Neither is run as a command. */
const NO_COMMANDS: ReadonlySet<string> = new Set<Topic>(["kgsync", "settings"]);

export const completedCommands = (): readonly Topic[] => TOPICS.filter((topic) => !NO_COMMANDS.has(topic));

/** As the usage at the head of the command's help says; where that takes settings, each of them is an option. */
export const completedWords = (command: Topic): Completed => {
  const [usage = ""] = helpText(command).split("\n\n");
  const options = [...usage.matchAll(/--[a-z][a-z-]*/g)].map(([option]) => option);
  const settings = usage.includes("--SETTING")
    ? SETTINGS.flatMap(({ flag }) => (flag === undefined ? [] : [`--${flag}`]))
    : [];
  const alternatives = new RegExp(`kgsync ${command} \\[?([a-z]+(?:\\|[a-z]+)*)`, "g");
  const actions = [...usage.matchAll(alternatives)].flatMap(([, words = ""]) => words.split("|"));
  return {
    actions: [...new Set(actions)],
    options: [...new Set([...options, "--help", ...settings])],
  };
};

/** The script that teaches a shell the commands and their options; see the help for how it is loaded. Ends with a newline. */
export const completionScript = (shell: Shell): string => SCRIPTS[shell]();

const wordsOf = (command: Topic): string => {
  const { actions, options } = completedWords(command);
  const words = command === "help" ? [...completedCommands(), "settings"] : [...actions, ...options];
  return words.join(" ");
};

const cases = (indent: string, end: string): string =>
  completedCommands()
    .filter(isTopic)
    .map((command) => `${indent}${command}) words="${wordsOf(command)}" ${end}\n`)
    .join("");

const bash = (): string => `# kgsync completion for bash
_kgsync() {
  local words="" command="\${COMP_WORDS[1]}"
  if [ "$COMP_CWORD" -eq 1 ]; then
    words="${completedCommands().join(" ")}"
  else
    case "$command" in
${cases("      ", ";;")}    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _kgsync kgsync
`;

const zsh = (): string => `#compdef kgsync
# kgsync completion for zsh
_kgsync() {
  local command="\${words[2]}" known=""
  if (( CURRENT == 2 )); then
    known="${completedCommands().join(" ")}"
  else
    case "$command" in
${cases("      ", ";;").replaceAll(") words=", ") known=")}    esac
  fi
  compadd -- \${=known}
  _files
}
compdef _kgsync kgsync
`;

const fish = (): string => {
  const names = completedCommands();
  const lines = names.flatMap((command) => {
    const { actions, options } = completedWords(command);
    const when = `-n "__fish_seen_subcommand_from ${command}"`;
    const words = command === "help" ? [...names, "settings"] : actions;
    return [
      ...(words.length === 0 ? [] : [`complete -c kgsync ${when} -a "${words.join(" ")}"`]),
      ...options.map((option) => `complete -c kgsync ${when} -l ${option.slice(2)}`),
    ];
  });
  return `# kgsync completion for fish
complete -c kgsync -n __fish_use_subcommand -a "${names.join(" ")}"
${lines.join("\n")}
`;
};

const SCRIPTS = { bash, zsh, fish } as const;
