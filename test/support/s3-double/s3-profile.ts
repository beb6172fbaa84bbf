/**
 * How a family of servers treats conditional writes.
 *
 * | profile | like | If-Match | update of an absent key | Complete | refused |
 * |---|---|---|---|---|---|
 * | `aws` | AWS, R2, SeaweedFS | either form | 404 | enforced | – |
 * | `bare-etag` | DigitalOcean, newer Ceph | bare only | 412 | enforced | – |
 * | `partial` | MinIO's delete, gateways | either form | 412 | ignored | – |
 * | `ceph16` | Ceph RGW 16 | bare only | 412 | ignored, answers no ETag | – |
 * | `reject-501` | Backblaze B2, Swift | – | – | – | 501 |
 * | `ignore-all` | Garage, GCS by S3 | ignored | 200 | ignored | – |
 * | `create-only-ignores` | AWS before November 2024 | ignored | 200 | enforced | – |
 * | `create-only-rejects` | gateways that know one condition | – | – | enforced | 501, updates only |
 * | `create-only-412` | Ceph 16 with versioning, but for its creates | never true | 412 | enforced | – |
 */
export type S3Profile = "aws" | "bare-etag" | "partial" | "ceph16" | "reject-501" | "ignore-all" | CreateOnlyProfile;

/** `If-None-Match: *` is honoured, `If-Match` is not. */
export type CreateOnlyProfile = "create-only-ignores" | "create-only-rejects" | "create-only-412";

export type ProfileRules = {
  readonly conditions: "enforced" | "ignored" | "refused";
  /** Of `If-Match` alone. */
  readonly onUpdate: "enforced" | "ignored" | "refused" | "never true";
  readonly onComplete: "enforced" | "ignored";
  readonly etagForms: "both" | "bare";
  readonly absentUpdate: 404 | 412;
  readonly completeNamesETag: boolean;
};

const aws: ProfileRules = {
  conditions: "enforced",
  onUpdate: "enforced",
  onComplete: "enforced",
  etagForms: "both",
  absentUpdate: 404,
  completeNamesETag: true,
};

export const PROFILES: Readonly<Record<S3Profile, ProfileRules>> = {
  aws,
  "bare-etag": { ...aws, etagForms: "bare", absentUpdate: 412 },
  partial: { ...aws, onComplete: "ignored", absentUpdate: 412 },
  ceph16: { ...aws, etagForms: "bare", absentUpdate: 412, onComplete: "ignored", completeNamesETag: false },
  "reject-501": { ...aws, conditions: "refused" },
  "ignore-all": { ...aws, conditions: "ignored", onComplete: "ignored" },
  "create-only-ignores": { ...aws, onUpdate: "ignored" },
  "create-only-rejects": { ...aws, onUpdate: "refused" },
  "create-only-412": { ...aws, onUpdate: "never true" },
};
