import type * as z from "zod/mini";
import { type FieldMeta, metaOf } from "./field.ts";
import { appFields } from "./fields-app.ts";
import { gitFields } from "./fields-git.ts";
import { httpFields } from "./fields-http.ts";
import { noticeFields } from "./fields-notices.ts";
import { placeFields } from "./fields-place.ts";
import { s3Fields } from "./fields-s3.ts";
import { safetyFields } from "./fields-safety.ts";
import { stopFields } from "./fields-stop.ts";
import { writerFields } from "./fields-writers.ts";

/** Every setting of this version, in the order of the documentation. All durations become whole milliseconds. */
export const FIELDS = {
  ...placeFields,
  ...stopFields,
  ...safetyFields,
  ...writerFields,
  ...appFields,
  ...noticeFields,
  ...httpFields,
  ...s3Fields,
  ...gitFields,
};

export type ConfigKey = keyof typeof FIELDS;

/** The effective settings, checked. Paths are as written: relative ones count from `cwd`. Durations are milliseconds. */
export type Config = { readonly [Key in ConfigKey]: z.output<(typeof FIELDS)[Key]> };

/** A setting with all that is known about it. */
export type Setting = FieldMeta & {
  readonly key: ConfigKey;
  readonly schema: z.ZodMiniType<unknown, string | undefined>;
  /** The command line flag, without the dashes; `undefined` for a secret. */
  readonly flag: string | undefined;
};

const kebab = (key: string): string => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** The same as a list. */
export const SETTINGS: readonly Setting[] = (Object.keys(FIELDS) as ConfigKey[]).map((key) => {
  const meta = metaOf(FIELDS[key]);
  return { ...meta, key, schema: FIELDS[key], flag: meta.secret === true ? undefined : kebab(key) };
});
