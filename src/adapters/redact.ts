/** Over ssh a name is a part of where something is, and is no key to it. */
const isPlace = (scheme: string, user: string | undefined): user is string =>
  user !== undefined && /^(?:git\+)?ssh:\/\/$/i.test(scheme) && /^[\w.-]+@$/.test(user);

/** How a removed text is shown. */
const REMOVED = "[redacted]";

/** Scheme, userinfo, host and path, query of RFC 3986 §3; the last `@` before the path ends the userinfo. */
const URL_PARTS = /\b([a-z][a-z0-9+.-]{0,30}:\/\/)([^\s/?#"'<>]*@)?([^\s?#"'<>]*)(\?[^\s#"'<>]*)?/gi;

/** A secret as it stands, in a URL (RFC 3986 §2.1), and inside a JSON text. */
const formsOf = (secret: string): readonly string[] => {
  const quoted = JSON.stringify(secret).slice(1, -1);
  return secret.isWellFormed() ? [secret, encodeURIComponent(secret), quoted] : [secret, quoted];
};

/**
 * Takes secrets out of a text: the given values wherever they occur, and of every URL the userinfo and the query (signed
 * URLs carry their signature there). The longest value first: one may be a part of another. The lists may grow: what is added
 * is taken out from then on.
 */
export const createRedact = (...lists: readonly (readonly string[])[]): ((text: string) => string) => {
  const countAll = (): number => lists.reduce((sum, list) => sum + list.length, 0);
  let count = -1;
  let forms: readonly string[] = [];
  const formsNow = (): readonly string[] => {
    if (countAll() === count) return forms;
    count = countAll();
    const all = lists.flat().filter((secret) => secret !== "");
    forms = [...new Set(all.flatMap(formsOf))].sort((a, b) => b.length - a.length);
    return forms;
  };
  return (text) => {
    const withoutSecrets = formsNow().reduce((left, form) => left.replaceAll(form, REMOVED), text);
    return withoutSecrets.replace(
      URL_PARTS,
      (_, scheme: string, user: string | undefined, rest: string, query?: string) => {
        const place = `${scheme}${isPlace(scheme, user) ? user : ""}${rest}`;
        return query === undefined ? place : `${place}?${REMOVED}`;
      },
    );
  };
};
