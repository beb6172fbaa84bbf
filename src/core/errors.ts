/**
 * Every way in which kgsync can fail, in one table: the exit code (sysexits(3) where one fits) and what to do next.
 * A new code is added only when a person would act differently on it.
 */
export const ERRORS = {
  usage: {
    exit: 64,
    retryable: false,
    hint: "See `kgsync help` for the commands, and `kgsync help COMMAND` for the options of one.",
  },
  "graph-invalid": {
    exit: 65,
    retryable: false,
    hint: "Nothing was overwritten. Look at the named file, or put a good version in its place, and start again.",
  },
  "bucket-unavailable": {
    exit: 69,
    retryable: true,
    hint: "Check the endpoint and the network; kgsync tries again at the next start, timer or change.",
  },
  bug: { exit: 70, retryable: false, hint: "This is a defect in kgsync. Please report it with the log above." },
  disk: {
    exit: 74,
    retryable: false,
    hint: "Free space or fix the permissions of the named path; the old file is intact.",
  },
  "not-durable": {
    exit: 75,
    retryable: true,
    hint: "The files are kept on disk. Start the container again, or run `kgsync push`, to bring them to the bucket.",
  },
  "local-busy": {
    exit: 75,
    retryable: true,
    hint: "Another kgsync owns these files. Stop it first, or set KGSYNC_ON_LOCAL_BUSY=wait to stand by.",
  },
  "lease-busy": {
    exit: 75,
    retryable: true,
    hint: "Another copy holds the lease. Stop it, wait with KGSYNC_ON_LEASE_BUSY=wait, or see `kgsync lease show`.",
  },
  "bucket-denied": {
    exit: 77,
    retryable: false,
    hint: "Check the credentials, and that they may list, get and put under the prefix.",
  },
  "config-invalid": {
    exit: 78,
    retryable: false,
    hint: "Correct the settings named above; nothing was started or changed.",
  },
  "bucket-missing": {
    exit: 78,
    retryable: false,
    hint: "Check the bucket's name and region in KGSYNC_BUCKET, AWS_REGION and the endpoint.",
  },
  "store-unsafe": {
    exit: 78,
    retryable: false,
    hint: "Use a store that honours If-Match and If-None-Match, or accept lost updates with KGSYNC_UNSAFE_STORE=allow.",
  },
  "command-not-executable": { exit: 126, retryable: false, hint: "Check the file's mode and format." },
  "command-not-found": { exit: 127, retryable: false, hint: "Check the spelling and PATH of the command after `--`." },
} as const satisfies Record<string, { readonly exit: number; readonly retryable: boolean; readonly hint: string }>;

export type ErrorCode = keyof typeof ERRORS;

/**
 * The only error that crosses a folder border. The message names the thing and the cause; the hint says what to do.
 * `cause` keeps the original error for the debug log.
 */
export class KgsyncError extends Error {
  readonly code: ErrorCode;
  readonly hint: string;

  constructor(code: ErrorCode, message: string, options: { readonly cause?: unknown; readonly hint?: string } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "KgsyncError";
    this.code = code;
    this.hint = options.hint ?? ERRORS[code].hint;
  }

  get exit(): number {
    return ERRORS[this.code].exit;
  }

  get retryable(): boolean {
    return ERRORS[this.code].retryable;
  }
}

/** Any thrown value as a KgsyncError: what is not one already is a defect of ours. Never throws. */
export const toKgsyncError = (thrown: unknown): KgsyncError =>
  thrown instanceof KgsyncError ? thrown : new KgsyncError("bug", messageOf(thrown), { cause: thrown });

const messageOf = (thrown: unknown): string => {
  try {
    return thrown instanceof Error ? thrown.message : String(thrown);
  } catch {
    return "something without a text was thrown"; // an object without prototype, or whose toString throws
  }
};
