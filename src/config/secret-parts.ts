/** A storage account's key in a connection string, and the signature in a SAS (Azure Storage, "Configure connection strings"). */
const PARTS = /(?<=(?:^|[;&?])\s*(?:AccountKey|sig)=)[^;&\s]+/gi;

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/** A secret, and the secrets that it is made of: those may be said without the rest of it. */
export const secretParts = (secret: string): readonly string[] => {
  const whole = secret.trim(); // a file's newline is not said
  return [whole, ...(whole.match(PARTS) ?? []).map(decoded)];
};
