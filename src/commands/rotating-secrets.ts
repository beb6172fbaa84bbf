import { createRotatingTexts } from "../adapters/rotating-texts.ts";
import type { Config } from "../config/schema.ts";
import type { Program } from "./program.ts";

type Credentials = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string | undefined;
};

const CREDENTIALS = ["KGSYNC_S3_ACCESS_KEY_ID", "KGSYNC_S3_SECRET_ACCESS_KEY", "KGSYNC_S3_SESSION_TOKEN"] as const;

/** The value of a secret as it is now: from its file, if it has one, else as it was at the start. */
const rotating = (program: Program, names: readonly string[], values: readonly (string | undefined)[]) => {
  const files = names.flatMap((name, index) => {
    const path = program.env[`${name}_FILE`];
    const value = values[index];
    return path === undefined || value === undefined ? [] : [{ path, value, index }];
  });
  if (files.length === 0) return undefined;
  const paths = files.map(({ path }) => path);
  const first = files.map(({ value }) => value);
  const read = createRotatingTexts(paths, first, (texts) => program.rotated.push(...texts));
  return (): readonly (string | undefined)[] => {
    const now = read();
    return values.map((value, index) => {
      const at = files.findIndex((file) => file.index === index);
      return at === -1 ? value : now[at];
    });
  };
};

/** Credentials of kgsync's own: as they are, or from files looked at anew for each request. `undefined`: there are none. */
export const ownCredentials = (program: Program, config: Config): Credentials | (() => Credentials) | undefined => {
  const { s3AccessKeyId, s3SecretAccessKey, s3SessionToken } = config;
  if (s3AccessKeyId === undefined || s3SecretAccessKey === undefined) return undefined;
  const fixed = { accessKeyId: s3AccessKeyId, secretAccessKey: s3SecretAccessKey, sessionToken: s3SessionToken };
  const read = rotating(program, CREDENTIALS, [s3AccessKeyId, s3SecretAccessKey, s3SessionToken]);
  if (read === undefined) return fixed;
  return () => {
    const [accessKeyId = s3AccessKeyId, secretAccessKey = s3SecretAccessKey, sessionToken] = read();
    return { accessKeyId, secretAccessKey, sessionToken };
  };
};

/** KGSYNC_GIT_TOKEN as it is now. */
export const gitToken = (program: Program, config: Config): (() => string | undefined) => {
  const read = rotating(program, ["KGSYNC_GIT_TOKEN"], [config.gitToken]);
  return () => read?.()[0] ?? config.gitToken;
};

/** For a URL of the settings, the one that its file holds now; a text that is no URL is not taken. */
export const currentUrl = (program: Program, config: Config): ((url: string) => string) => {
  const names = ["KGSYNC_WEBHOOK_URL", "KGSYNC_HEARTBEAT_URL"];
  const first = [config.webhookUrl, config.heartbeatUrl];
  const reads = names.map((name, index) => rotating(program, [name], [first[index]]));
  return (url) => {
    const now = reads[first.indexOf(url)]?.()[0];
    return now !== undefined && /^https?:/.test(now) && URL.canParse(now) ? now : url;
  };
};
