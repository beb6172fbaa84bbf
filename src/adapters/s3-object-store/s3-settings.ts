type Checksums = "WHEN_SUPPORTED" | "WHEN_REQUIRED";

/** What depends on whose server it is. `undefined` leaves the choice to the SDK. */
export type S3Settings = {
  readonly forcePathStyle: boolean;
  readonly followRegionRedirects: boolean;
  readonly checksums: Checksums | undefined;
  readonly defaultRegion: string | undefined;
};

const isAws = (endpoint: string | undefined): boolean =>
  endpoint === undefined ||
  (URL.canParse(endpoint) && /\.amazonaws\.com(\.cn)?$/.test(new URL(endpoint).hostname.toLowerCase()));

/**
 * | server | bucket | checksums | region | redirects |
 * |---|---|---|---|---|
 * | AWS | host name | WHEN_SUPPORTED | must be configured | followed |
 * | an endpoint at AWS (VPC, FIPS) | host name | WHEN_SUPPORTED | us-east-1 | followed |
 * | any other endpoint | path | WHEN_REQUIRED | us-east-1 | not followed |
 *
 * Other servers resolve no `bucket.host` name, and some answer 400, 411 or 501 to the newer checksum headers; the signed
 * digest of the payload protects the bytes there. `checksumsChosen`: somebody set `AWS_REQUEST_CHECKSUM_CALCULATION`.
 */
export const s3Settings = (
  endpoint: string | undefined,
  pathStyle: "auto" | boolean,
  checksumsChosen: boolean,
): S3Settings => {
  const aws = isAws(endpoint);
  return {
    forcePathStyle: pathStyle === "auto" ? !aws : pathStyle,
    followRegionRedirects: aws,
    checksums: checksumsChosen ? undefined : aws ? "WHEN_SUPPORTED" : "WHEN_REQUIRED",
    defaultRegion: endpoint === undefined ? undefined : "us-east-1",
  };
};
