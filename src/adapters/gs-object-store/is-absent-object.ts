import type { GsBucket } from "./gs-bucket.ts";
import { type GsReply, refusalOf } from "./gs-reply.ts";

/**
 * Whether a 404 means that the object is absent, and not its bucket: starting fresh on that would bury the state that is
 * there. The XML API says which; the JSON API only in prose, so that where its words are others the bucket is asked for a
 * listing of one.
 *
 * @throws KgsyncError when the listing fails otherwise.
 */
export const isAbsentObject = async (bucket: GsBucket, reply: GsReply, signal: AbortSignal): Promise<boolean> => {
  if (reply.status !== 404) return false;
  const { reason, message } = refusalOf(reply);
  if (reason === "NoSuchKey" || message.startsWith("No such object")) return true;
  if (reason === "NoSuchBucket" || message.includes("bucket does not exist")) return false;
  const listing = await bucket.send({ method: "GET", path: `${bucket.objects}?maxResults=1&fields=kind` }, signal);
  if (listing.status === 200) return true;
  if (listing.status === 404) return false;
  throw bucket.error(listing, "look for the bucket");
};
