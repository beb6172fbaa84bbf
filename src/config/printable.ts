const MAX = 80;

/**
 * Masks user and password in what may be a URL or a proxy's address: everything up to the last `@`, for a password with a
 * slash in it is no valid URL but still a password.
 */
export const withoutUserinfo = (text: string): string => text.replace(/^([a-z0-9+.-]+:\/\/)?.*@/is, "$1***@");

/** A value as it can stand in a message of one line: shortened, quoted where needed, credentials in a URL masked. */
export const printable = (value: string): string => {
  const text = withoutUserinfo(value);
  const short = text.length > MAX ? `${text.slice(0, MAX)}…` : text;
  return /^[^\s"'\p{Cc}]+$/u.test(short) ? short : JSON.stringify(short);
};

/** What may be said of a secret: that it is there. No digest, no first letters: short secrets could be guessed from them. */
export const masked = (secret: string): string => `«set, ${secret.length} characters»`;
