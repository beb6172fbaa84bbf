const COLOURS: Readonly<Record<string, number>> = { debug: 90, info: 36, warn: 33, error: 31 };
const RESET = "\u001b[0m";

/** C1 controls and DEL too: JSON leaves them as they are, and a terminal obeys them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are just what is replaced here
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/g;
const WORD = /^[\w./:@+,%-]+$/;

const visible = (text: string): string =>
  text.replace(CONTROL, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);

const show = (value: unknown): string =>
  visible(typeof value === "string" && WORD.test(value) ? value : JSON.stringify(value));

/** Sentences read better without quotes. */
const say = (value: unknown): string => (typeof value === "string" ? visible(value) : show(value));

/** Several problems are read line by line; each further line is indented, so that none can pass for an entry of its own. */
const sayLines = (text: string): string =>
  text
    .split("\n")
    .map((line) => line.replace(CONTROL, " "))
    .join("\n    ");

const showError = (value: unknown): string => {
  if (typeof value !== "object" || value === null) return show(value);
  const { message, ...rest } = Object.fromEntries(Object.entries(value));
  const more = Object.entries(rest).map(([name, each]) => `\n    ${name}: ${name === "hint" ? say(each) : show(each)}`);
  return `${say(message)}${more.join("")}`;
};

/**
 * One JSON log line as a person reads it: time of day (UTC), level, message, event, fields; an error last, with its hint on
 * a line of its own. One text, with its newline. What is not a JSON object comes back unchanged.
 */
export const prettyLine = (line: string, colour: boolean): string => {
  const parsed: unknown = JSON.parse(line);
  if (typeof parsed !== "object" || parsed === null) return line;
  const { level, time, event, msg, err, ...rest } = Object.fromEntries(Object.entries(parsed));
  const paint = (code: number, text: string): string => (colour ? `\u001b[${code}m${text}${RESET}` : text);
  const name = String(level);
  const fields = Object.entries(rest).map(([key, value]) => ` ${paint(90, `${key}=`)}${show(value)}`);
  const head = `${paint(90, String(time).slice(11, 23))} ${paint(COLOURS[name] ?? 0, name.toUpperCase().padEnd(5))}`;
  const tail = err === undefined ? "" : `\n    ${paint(31, "error:")} ${showError(err)}`;
  return `${head} ${sayLines(String(msg))} ${paint(90, String(event))}${fields.join("")}${tail}\n`;
};
