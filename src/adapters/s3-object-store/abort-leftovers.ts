import {
  AbortMultipartUploadCommand,
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandOutput,
  type MultipartUpload,
} from "@aws-sdk/client-s3";
import type { S3Bucket } from "./s3-bucket.ts";
import { isAbsentUpload } from "./s3-failure.ts";

const OLD_MS = 3_600_000;

type Marker = { readonly KeyMarker: string; readonly UploadIdMarker?: string };

const nextMarker = (page: ListMultipartUploadsCommandOutput): Marker | undefined => {
  const { IsTruncated: more, NextKeyMarker: key, NextUploadIdMarker: upload } = page;
  if (more !== true || key === undefined) return undefined;
  return { KeyMarker: key, ...(upload === undefined ? {} : { UploadIdMarker: upload }) };
};

const list = async (bucket: S3Bucket, prefix: string, signal: AbortSignal): Promise<readonly MultipartUpload[]> => {
  const found: MultipartUpload[] = [];
  const seen = new Set<string>(); // a server that repeats a page must not keep us here
  let marker: Marker | undefined;
  do {
    const command = new ListMultipartUploadsCommand({
      Bucket: bucket.bucket,
      Prefix: bucket.fullKey(prefix),
      ...marker,
    });
    const page = await bucket.send((client) => client.send(command, { abortSignal: signal }), signal);
    found.push(...(page.Uploads ?? []));
    marker = nextMarker(page);
    if (seen.has(JSON.stringify(marker))) break;
    seen.add(JSON.stringify(marker));
  } while (marker !== undefined);
  return found;
};

/**
 * Aborts what was begun below `prefix` over an hour ago and not completed. S3 does not say who began an upload, so age
 * stands for it: an upload of ours ends or is aborted within its deadline, which is minutes. Age is taken by the server's
 * clock, as far as its answers have told ours to be off. A live upload that is hit all the same fails, and is tried again.
 */
export const abortLeftovers = async (
  bucket: S3Bucket,
  prefix: string,
  signal: AbortSignal,
  isOwn: (name: string) => boolean = () => true,
): Promise<number> => {
  try {
    const uploads = await list(bucket, prefix, signal);
    const { config } = await bucket.open(signal);
    const now = bucket.clock.now().wall + config.systemClockOffset;
    const own = uploads.filter(({ Key: key }) => key !== undefined && isOwn(bucket.relative(key)));
    const old = own.filter(({ Initiated: begun }) => begun !== undefined && now - begun.getTime() > OLD_MS);
    for (const { Key, UploadId } of old) {
      const command = new AbortMultipartUploadCommand({ Bucket: bucket.bucket, Key, UploadId });
      await bucket
        .send((client) => client.send(command, { abortSignal: signal }), signal)
        .catch((thrown: unknown) => {
          if (!isAbsentUpload(thrown)) throw thrown;
        });
    }
    return old.length;
  } catch (thrown) {
    throw bucket.error(thrown, `abort old uploads below "${prefix}"`);
  }
};
