// What `npm ci --omit=dev` installs, by the text of a lock file (version 3).
type Entry = {
  readonly version: string;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly optional?: boolean;
};

export type ShippedPackage = { readonly name: string; readonly version: string };

export const shippedPackages = (lock: string): readonly ShippedPackage[] => {
  const { packages }: { packages: Record<string, Entry> } = JSON.parse(lock);
  return Object.entries(packages)
    .filter(([path, { dev, devOptional, optional }]) => path !== "" && !dev && !devOptional && !optional)
    .map(([path, { version }]) => ({ name: path.slice(path.lastIndexOf("node_modules/") + 13), version }));
};
