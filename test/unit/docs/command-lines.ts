import { fences, spans } from "./documents.ts";

/** Words of a shell line: quotes hold blanks together. */
const words = (line: string): readonly string[] =>
  [...line.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)].map(([word]) => word.replaceAll(/['"]/g, ""));

/** What ends a command in a shell line: another one, a redirection, a comment, the bracket or quote that it stands in. */
const END = /\s(?:\||&&|>|<|#)|[)"]|$/;

/** The arguments of every `kgsync` in a line, also behind `docker exec`, in quotes, and in another one's arguments. */
export const argumentsIn = (line: string): readonly (readonly string[])[] =>
  [...line.matchAll(/(?<=^|[\s"(])kgsync (?=[a-z-])/g)].map(({ index, 0: { length } }) => {
    const rest = line.slice(index + length);
    return words(rest.slice(0, rest.search(END)));
  });

/** A line of a fence that shows a session is a command if it has a prompt. */
const prompted = (block: string): readonly string[] =>
  block.split("\n").flatMap((line) => (line.startsWith("$ ") ? [line.slice(2)] : []));

/** Lists as in `ENTRYPOINT ["kgsync", "run", "--"]`; a program follows that ends with `--`. */
const lists = (text: string): readonly (readonly string[])[] =>
  [...text.matchAll(/\[(?:"CMD", ?)?"kgsync", ("[^\]]*")\]/g)].map(([, rest = ""]) => {
    const args: readonly string[] = JSON.parse(`[${rest}]`);
    return args.at(-1) === "--" ? [...args, "/my-app"] : args;
  });

/** Every command line that a document shows: in shell fences, behind prompts, in backquotes, and in lists of YAML and Dockerfiles. */
export const commandsIn = (text: string): readonly (readonly string[])[] => [
  ...[
    ...fences(text, "sh").flatMap((block) => block.split("\n")),
    ...fences(text, "").flatMap(prompted),
    ...spans(text),
  ]
    .map((line) => line.replaceAll("<sha8>", "0123abcd").replaceAll("COMMAND", "diff").replace(/ …$/, " /my-app"))
    .flatMap(argumentsIn),
  ...lists(text),
];
