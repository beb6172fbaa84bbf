import type { Clock } from "../../ports/clock.ts";
import type { ObjectStore } from "../../ports/object-store.ts";
import type { Random } from "../../ports/random.ts";
import type { ETagForm } from "./etag-form.ts";

/** A key, with its secret, and the token that a temporary one has. */
export type S3Credentials = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
};

/** Which bucket, how to reach it, and how long to wait. Plain data: whoever composes reads files and the environment. */
export type S3Options = {
  readonly bucket: string;
  /** Put before every key with a `/`; empty for the whole bucket. Slashes at its ends do not count. */
  readonly prefix: string;
  /** URL of a server that is not AWS. Left out, the SDK takes `AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL` or the profile's. */
  readonly endpoint?: string | undefined;
  /** Left out: what the SDK finds (`AWS_REGION`, profile); `us-east-1` for a server that is not AWS. */
  readonly region?: string | undefined;
  /** `auto`: bucket in the path for servers that are not AWS, in the host name for AWS. */
  readonly pathStyle: "auto" | boolean;
  /** A function is asked for each request, and must not throw. Left out: the SDK's chain of environment, profile, web identity, container and instance. */
  readonly credentials?: S3Credentials | (() => S3Credentials) | undefined;
  /** Sent with every put (`x-amz-server-side-encryption`): many bucket policies refuse puts without it. */
  readonly sse?: "AES256" | "aws:kms" | "aws:kms:dsse" | undefined;
  readonly sseKmsKeyId?: string | undefined;
  /** Milliseconds in which neither side sends a byte before a request is given up. */
  readonly requestTimeoutMs: number;
  /** Milliseconds to open a connection, through a proxy if there is one. */
  readonly connectTimeoutMs: number;
  /** PEM text of certificate authorities to trust besides the built-in ones. */
  readonly caBundle?: string | undefined;
  /**
   * `HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY` (either case). Node knows it from 22.21 and 24.5 on; an older Node connects
   * directly, and the hint of the failure says so.
   */
  readonly proxyEnv?: Readonly<Record<string, string | undefined>> | undefined;
  /** The form learned earlier for this server, so that the first update need not find it out again. */
  readonly etagForm?: ETagForm | undefined;
  readonly clock: Clock;
  readonly random: Random;
};

/** An ObjectStore on S3 or a server that speaks its protocol. */
export type S3ObjectStore = ObjectStore & {
  /** How this server wants ETags in `If-Match`, as far as known; worth caching per endpoint. */
  readonly etagForm: () => ETagForm;
  /**
   * Aborts multipart uploads that were begun below `prefix` more than an hour ago and never completed: their parts cost
   * money and no listing shows them. Those of names that are not `isOwn` are left. Resolves with how many. Rejects as every
   * method does.
   */
  readonly abortLeftovers: (prefix: string, signal: AbortSignal, isOwn?: (name: string) => boolean) => Promise<number>;
};
