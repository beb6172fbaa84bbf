/** Text that is markup already. Only `html` makes it. */
export type Html = { readonly markup: string };

type Part = Html | string | number | readonly Html[] | undefined;

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (one) => ESCAPES[one] ?? one);

const rendered = (part: Part): string => {
  if (part === undefined) return "";
  if (typeof part === "string" || typeof part === "number") return escaped(String(part));
  return "markup" in part ? part.markup : part.map(({ markup }) => markup).join("");
};

/** Markup with values in it, each escaped, in text as well as in quoted attributes; markup is put in as it is. */
export const html = (texts: TemplateStringsArray, ...parts: readonly Part[]): Html => ({
  markup: texts.map((text, n) => `${text}${rendered(parts[n])}`).join(""),
});
