import * as z from "zod/mini";

/** The settings' groups, in the order of the documentation. */
export const GROUPS = {
  place: "What is kept in step, and where",
  pace: "When it is pushed",
  stop: "Start, stop and time limits",
  safety: "What happens when something is wrong",
  writers: "Several writers",
  app: "The app's process",
  log: "Logs",
  notices: "Hooks and notices",
  http: "Probes, metrics and a page",
  s3: "S3",
  git: "Git",
} as const;

/** What a setting is besides its type; the documentation is made from this. */
export type FieldMeta = {
  /** The environment variable's name. */
  readonly env: string;
  readonly group: keyof typeof GROUPS;
  /** A secret's value is never shown; it can come from a file (`<env>_FILE`), and has no command line flag. */
  readonly secret?: true;
  /** A value that is accepted, as it would be written. */
  readonly example: string;
  /** What it does: a sentence or two, Markdown. */
  readonly prose: string;
  /** What is accepted, to follow "accepted: ". */
  readonly accepts: string;
  /** The value when nothing is given, in the written form, so that it goes through the same parser. */
  readonly fallback?: string;
  /** The same inside Kubernetes. */
  readonly kubernetesFallback?: string;
  /** The same where the bucket is a Git repository. */
  readonly gitFallback?: string;
  /** What happens without a value, in words, where `fallback` says nothing. */
  readonly unset?: string;
};

/** A way of writing a value: the parser from text, and what it accepts in words. */
export type Kind<T> = { readonly schema: z.ZodMiniType<T, string | undefined>; readonly accepts: string };

const registry = z.registry<FieldMeta>();

/** Makes a setting of a kind, and registers what the documentation and the messages need. */
export const field = <T>(kind: Kind<T>, meta: Omit<FieldMeta, "accepts">): Kind<T>["schema"] =>
  kind.schema.register(registry, { ...meta, accepts: kind.accepts });

/** What was registered with the field. Throws RangeError for another schema: a defect, not an input. */
export const metaOf = (schema: z.ZodMiniType): FieldMeta => {
  const meta = registry.get(schema);
  if (meta === undefined) throw new RangeError("not a field of the configuration");
  return meta;
};
