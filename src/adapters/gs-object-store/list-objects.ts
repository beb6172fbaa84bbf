import { KgsyncError } from "../../core/errors.ts";
import { etag } from "../../core/version.ts";
import type { ListedObject } from "../../ports/object-store.ts";
import { etagOf } from "./generation.ts";
import type { GsBucket } from "./gs-bucket.ts";
import { fieldsOf, jsonOf } from "./gs-reply.ts";

const FIELDS = "nextPageToken,items(name,size,generation,timeCreated)";

const rows = (bucket: GsBucket, items: unknown): readonly ListedObject[] =>
  (Array.isArray(items) ? items : []).map((item) => {
    const { name, size, generation, timeCreated } = fieldsOf(item);
    return {
      name: bucket.relative(String(name)),
      size: Number(size ?? 0),
      etag: etagOf(generation) ?? etag(""),
      modified: (typeof timeCreated === "string" && Date.parse(timeCreated)) || 0, // of this version: each is created anew
    };
  });

/** Page after page. A server that hands out the same page for ever is an error, not an endless listing. */
export const listObjects = async function* (
  bucket: GsBucket,
  prefix: string,
  signal: AbortSignal,
): AsyncGenerator<ListedObject> {
  const action = `list "${prefix}"`;
  let token = "";
  do {
    const query = new URLSearchParams({ prefix: bucket.fullKey(prefix), projection: "noAcl", fields: FIELDS });
    if (token !== "") query.set("pageToken", token);
    const reply = await bucket.send({ method: "GET", path: `${bucket.objects}?${query}` }, signal);
    if (reply.status !== 200) throw bucket.error(reply, action);
    const { items, nextPageToken } = jsonOf(reply);
    yield* rows(bucket, items);
    const next = typeof nextPageToken === "string" ? nextPageToken : "";
    if (next !== "" && next === token) {
      const where = `bucket "${bucket.names.bucket}" at ${bucket.names.server}`;
      throw new KgsyncError("bucket-unavailable", `${where}: cannot ${action}: the listing does not advance`);
    }
    token = next;
  } while (token !== "");
};
