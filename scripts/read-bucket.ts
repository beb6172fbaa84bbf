// What lies in a bucket, for scripts that check it from outside: file:// by the file system, s3:// by Amazon's client.
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CreateBucketCommand, GetObjectCommand, paginateListObjectsV2, S3Client } from "@aws-sdk/client-s3";

const client = (): S3Client => new S3Client({ forcePathStyle: true, maxAttempts: 5 });

const parts = (url: string): { readonly Bucket: string; readonly prefix: string } => {
  const { hostname, pathname } = new URL(url);
  return { Bucket: hostname, prefix: pathname.slice(1) === "" ? "" : `${pathname.slice(1).replace(/\/$/, "")}/` };
};

/** Makes it, if it is not there. */
export const makeBucket = async (url: string): Promise<void> => {
  if (url.startsWith("file:")) return void mkdirSync(fileURLToPath(url), { recursive: true });
  await client()
    .send(new CreateBucketCommand({ Bucket: parts(url).Bucket }))
    .catch((thrown: unknown) => {
      if (!(thrown instanceof Error) || !thrown.name.startsWith("BucketAlready")) throw thrown;
    });
};

const objects = async (url: string): Promise<ReadonlyMap<string, string>> => {
  const found = new Map<string, string>();
  if (url.startsWith("file:")) {
    const root = fileURLToPath(url);
    if (!existsSync(root)) return found;
    for (const name of readdirSync(root, { recursive: true, encoding: "utf8" }))
      if (name.endsWith(".json") && !name.startsWith(".kgsync-store"))
        found.set(name, readFileSync(join(root, name), "utf8"));
    return found;
  }
  const s3 = client();
  const { Bucket, prefix } = parts(url);
  for await (const page of paginateListObjectsV2({ client: s3 }, { Bucket, Prefix: prefix }))
    for (const { Key = "" } of page.Contents ?? []) {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      found.set(Key.slice(prefix.length), (await Body?.transformToString()) ?? "");
    }
  return found;
};

/** The graph, and everything that is kept below `.kgsync/conflicts/`. */
export const bucketTexts = async (
  url: string,
): Promise<{ readonly graph: string; readonly kept: readonly string[] }> => {
  const all = await objects(url);
  const kept = [...all].flatMap(([name, text]) => (name.startsWith(".kgsync/conflicts/") ? [text] : []));
  return { graph: all.get("knowledge_graph.json") ?? "", kept };
};
