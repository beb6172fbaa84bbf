import { type ErrorCode, KgsyncError } from "../../core/errors.ts";
import type { Clock } from "../../ports/clock.ts";
import { type AzFailure, azFailure } from "./az-failure.ts";

/** What the messages call things. */
export type AzNames = {
  readonly container: string;
  /** The account's endpoint. */
  readonly server: string;
  /** A proxy is configured and this Node cannot use it. */
  readonly proxyIgnored: boolean;
  readonly clock: Clock;
};

type Verdict = { readonly code: ErrorCode; readonly hint?: string };

const HOUR = 3_600_000;
/** Azure takes a request whose date is a quarter of an hour off (REST, "Authorize with Shared Key"). */
const SKEW = HOUR / 4;

const ROLE = "Give the identity the role Storage Blob Data Contributor on the container, or the SAS the rights rcwdl.";

/** What to do about an answer, by its word (REST, "Blob Storage error codes" and "Common REST API error codes"). */
const BY_CODE: Readonly<Record<string, Verdict>> = {
  ContainerNotFound: {
    code: "bucket-missing",
    hint: "Create the container (`az storage container create`), or correct its name in KGSYNC_BUCKET.",
  },
  ContainerBeingDeleted: { code: "bucket-missing", hint: "The container is being deleted." },
  AccountIsDisabled: { code: "bucket-denied", hint: "The storage account is disabled." },
  AuthenticationFailed: {
    code: "bucket-denied",
    hint: "The key, SAS or token is not good for this account, or the SAS has expired or does not begin yet: renew it.",
  },
  NoAuthenticationInformation: {
    code: "bucket-denied",
    hint: "The account takes no anonymous requests: see docs/stores.md.",
  },
  InvalidAuthenticationInfo: { code: "bucket-denied", hint: "The token is not one for this account or tenant." },
  AuthorizationPermissionMismatch: { code: "bucket-denied", hint: ROLE },
  InsufficientAccountPermissions: { code: "bucket-denied", hint: ROLE },
  AuthorizationServiceMismatch: { code: "bucket-denied", hint: "The SAS is not for the blob service." },
  AuthorizationResourceTypeMismatch: {
    code: "bucket-denied",
    hint: "An account's SAS needs the resource types service, container and object (sco).",
  },
  AuthorizationSourceIPMismatch: { code: "bucket-denied", hint: "The SAS is not for this host's address." },
  AuthorizationProtocolMismatch: { code: "bucket-denied", hint: "The SAS is for https only." },
  AuthorizationFailure: {
    code: "bucket-denied",
    hint: `The account's network rules keep this host out, or the right is missing. ${ROLE}`,
  },
  KeyBasedAuthenticationNotPermitted: {
    code: "bucket-denied",
    hint: "The account takes no keys (and no SAS made with one): give the container an identity instead.",
  },
  LeaseIdMissing: {
    code: "bucket-denied",
    hint: "Somebody holds a lease on the blob: break it (`az storage blob lease break`).",
  },
  BlobArchived: {
    code: "bucket-denied",
    hint: "A lifecycle rule has moved the blob to the archive tier: rehydrate it, and leave the prefix out of the rule.",
  },
  BlobBeingRehydrated: {
    code: "bucket-denied",
    hint: "The blob comes back from the archive tier: wait until it is there.",
  },
  BlobImmutableDueToPolicy: {
    code: "bucket-denied",
    hint: "An immutability policy forbids to change blobs: the graph needs a container without one.",
  },
  InvalidBlobType: {
    code: "bucket-denied",
    hint: "The blob is not a block blob: remove it, or choose another prefix.",
  },
};

/** Whether the same request may succeed when it is sent again. */
export const isTransient = ({ status }: AzFailure): boolean =>
  status === undefined || status < 300 || status === 408 || status === 429 || (status >= 500 && status !== 501);

const unavailable = ({ sent, code }: AzFailure, { proxyIgnored, server }: AzNames): Verdict => {
  const because = (hint: string): Verdict => ({ code: "bucket-unavailable", hint });
  if (/^(CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|ERR_TLS_CERT|HOSTNAME_MISMATCH)/.test(code))
    return because("The server's certificate is not trusted: name its authority's PEM file in NODE_EXTRA_CA_CERTS.");
  if (proxyIgnored && !sent)
    return because("A proxy is configured, but this Node cannot use it: run Node 22.21, 24.5 or later.");
  if (code === "ENOTFOUND")
    return because(`There is no such host as ${server}: check AZURE_STORAGE_ACCOUNT, and the network's DNS.`);
  return { code: "bucket-unavailable" };
};

const verdict = (failure: AzFailure, names: AzNames): Verdict => {
  const { status = 0, code, serverTime } = failure;
  if (isTransient(failure)) return unavailable(failure, names);
  const now = names.clock.now().wall;
  if (code === "AuthenticationFailed" && serverTime !== undefined && Math.abs(serverTime - now) > SKEW)
    return {
      code: "bucket-denied",
      hint: "This machine's clock differs from the server's by minutes: correct the clock.",
    };
  const known = Object.hasOwn(BY_CODE, code) ? BY_CODE[code] : undefined;
  if (known !== undefined) return known;
  if (status === 404 || status < 400)
    return { code: "bucket-missing", hint: "Check that the endpoint is an account's blob service, and the container." };
  return { code: "bucket-denied" };
};

const SAFE_CODE = /^[A-Za-z][\w.]{0,60}$/;

const because = ({ status, code }: AzFailure): string => {
  const word = SAFE_CODE.test(code) && code !== "Error" && code !== "RestError" ? ` ${code}` : "";
  if (status !== undefined) return `answered ${status}${word}`;
  return word === "" ? "no answer" : `no answer (${word.trim()})`;
};

/** The original has the request with it, and so the SAS: only what it said is kept. */
const causeOf = (thrown: unknown): Error => new Error(thrown instanceof Error ? thrown.message.split("\n")[0] : "");

/** `action` says what was tried: `get "a/b.json"`. Never quotes the SDK. */
export const toAzError = (thrown: unknown, action: string, names: AzNames): KgsyncError => {
  if (thrown instanceof KgsyncError) return thrown;
  const failure = azFailure(thrown);
  const { code, hint } = verdict(failure, names);
  const message = `container "${names.container}" at ${names.server}: cannot ${action}: ${because(failure)}`;
  return new KgsyncError(code, message, { cause: causeOf(thrown), ...(hint === undefined ? {} : { hint }) });
};
