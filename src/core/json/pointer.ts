/** Where a value stands, as a chain from the innermost step outwards; `undefined` is the document itself. */
export type Path = { readonly parent: Path; readonly token: string } | undefined;

/** The path as a JSON pointer (RFC 6901): `""` for the document, `~` and `/` in keys escaped. */
export const pointerOf = (path: Path): string => {
  const tokens: string[] = [];
  for (let at = path; at !== undefined; at = at.parent) tokens.push(at.token);
  return tokens
    .reverse()
    .map((token) => `/${token.replaceAll("~", "~0").replaceAll("/", "~1")}`)
    .join("");
};
