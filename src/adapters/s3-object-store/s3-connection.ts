import { S3Client } from "@aws-sdk/client-s3";
import { unlessAborted } from "../transfer/unless-aborted.ts";
import { createRequestHandler } from "./request-handler.ts";
import type { S3Credentials, S3Options } from "./s3-options.ts";
import { type S3Settings, s3Settings } from "./s3-settings.ts";
import { silentLogger } from "./silent-logger.ts";

/** The client, made at first use: the endpoint and region may lie in the profile files, which only the SDK reads. */
export type S3Connection = {
  /** Resolves when there are a region and credentials as well, so that what fails later is an answer of the bucket. */
  readonly open: (signal: AbortSignal) => Promise<S3Client>;
  /** May be called twice. */
  readonly close: () => void;
};

const CHECKSUMS_VARIABLE = "AWS_REQUEST_CHECKSUM_CALCULATION"; // read by the SDK too, which cannot tell set from default

const regionOf = (options: S3Options, settings: S3Settings, sdk: () => S3Client) => {
  const { defaultRegion } = settings;
  if (options.region !== undefined) return { region: options.region };
  if (defaultRegion === undefined || (process.env["AWS_REGION"] ?? "") !== "") return {};
  return {
    region: () =>
      sdk()
        .config.region()
        .catch(() => defaultRegion),
  };
};

const identityOf = ({ accessKeyId, secretAccessKey, sessionToken }: S3Credentials) => ({
  accessKeyId,
  secretAccessKey,
  ...(sessionToken === undefined ? {} : { sessionToken }),
});

/** The SDK keeps what it was given, but asks anew for what has less than five minutes left: so it asks each time. */
const SHORT_MS = 60_000;

const credentialsOf = ({ credentials, clock }: S3Options) => {
  if (credentials === undefined) return {};
  if (typeof credentials !== "function") return { credentials: identityOf(credentials) };
  return {
    credentials: async () => ({
      ...identityOf(credentials()),
      expiration: new Date(clock.now().wall + SHORT_MS),
    }),
  };
};

/** One attempt per request: an automatic retry of a conditional put reports our own success as a conflict. */
const createClient = async (options: S3Options, endpointInSight: string | undefined): Promise<S3Client> => {
  const requestHandler = createRequestHandler(options);
  // A client of its own, as only the SDK reads the profile files; not made where nothing is left to be found in them.
  const plain = (): S3Client => new S3Client({ requestHandler, logger: silentLogger });
  const endpoint = endpointInSight ?? (await plain().config.serviceConfiguredEndpoint?.());
  const settings = s3Settings(endpoint, options.pathStyle, process.env[CHECKSUMS_VARIABLE] !== undefined);
  const { checksums } = settings;
  return new S3Client({
    requestHandler,
    logger: silentLogger,
    maxAttempts: 1,
    retryMode: "standard",
    expectContinueHeader: false,
    forcePathStyle: settings.forcePathStyle,
    followRegionRedirects: settings.followRegionRedirects,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...credentialsOf(options),
    ...(checksums === undefined
      ? {}
      : { requestChecksumCalculation: checksums, responseChecksumValidation: checksums }),
    ...regionOf(options, settings, plain),
  });
};

/** Connects nothing yet. */
export const createS3Connection = (options: S3Options, endpointInSight: string | undefined): S3Connection => {
  let client: Promise<S3Client> | undefined;
  const once = (): Promise<S3Client> => {
    client ??= createClient(options, endpointInSight);
    client.catch(() => {
      client = undefined;
    });
    return client;
  };
  const open = async (signal: AbortSignal): Promise<S3Client> => {
    const opened = await unlessAborted(once(), signal);
    await unlessAborted(opened.config.region(), signal);
    await unlessAborted(opened.config.credentials(), signal);
    return opened;
  };
  const close = (): void => {
    client?.then(
      (opened) => opened.destroy(),
      () => undefined,
    );
  };
  return { open, close };
};
