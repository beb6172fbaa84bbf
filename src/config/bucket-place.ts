/** `prefix` has no slash at either end and is empty for the bucket's root; it is taken literally, without decoding `%`. */
type S3Place = { readonly scheme: "s3"; readonly bucket: string; readonly prefix: string };

/** `path` is absolute and decoded (RFC 8089). */
type FilePlace = { readonly scheme: "file"; readonly path: string };

/** A container of Azure Blob Storage; which account's is in Azure's own variables. `prefix` as of S3. */
type AzPlace = { readonly scheme: "az"; readonly container: string; readonly prefix: string };

/** A bucket of Google Cloud Storage. `prefix` as of S3. */
type GsPlace = { readonly scheme: "gs"; readonly bucket: string; readonly prefix: string };

/**
 * A branch of a Git repository. `remote` is the URL as Git takes it: without the `git+`, and without what follows a `#`.
 * `folder` is empty for the repository's root.
 */
type GitPlace = {
  readonly scheme: "git";
  readonly remote: string;
  readonly branch: string;
  readonly folder: string;
};

/** Where the bucket is. */
export type BucketPlace = S3Place | FilePlace | AzPlace | GsPlace | GitPlace;
