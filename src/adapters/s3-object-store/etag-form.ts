import { type ETag, etag } from "../../core/version.ts";

/**
 * How an ETag is written in `If-Match`. RFC 9110 §8.8.3 says quoted; Ceph RGW (before PR 63348) and the services built on
 * it compare with the bare text, so that a quoted one never matches.
 */
export type ETagForm = "quoted" | "bare";

const bare = (text: string): string => text.replace(/^W\//, "").replace(/^"(.*)"$/, "$1");

/** One spelling for all answers, since some servers quote in headers and not in listings; `undefined` when there is none. */
export const etagFromServer = (text: string | undefined): ETag | undefined => {
  const value = bare(text ?? "");
  return value === "" ? undefined : etag(`"${value}"`);
};

/** The ETag as this server wants it in `If-Match`. */
export const etagToServer = (value: ETag, form: ETagForm): string => (form === "bare" ? bare(value) : value);

/** What one adapter knows about its server. */
export type ETagMemory = {
  readonly form: () => ETagForm;
  /** Whether an update was stored with this form: from then on a 412 means a conflict and nothing else. */
  readonly proven: () => boolean;
  readonly learn: (form: ETagForm) => void;
};

/** A form that was only told, or assumed, is not proven: the server may have been upgraded since. */
export const createETagMemory = (told: ETagForm | undefined): ETagMemory => {
  let form = told ?? "quoted";
  let proven = false;
  return {
    form: () => form,
    proven: () => proven,
    learn: (seen) => {
      form = seen;
      proven = true;
    },
  };
};
