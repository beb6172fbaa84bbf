import type { BlobItem } from "@azure/storage-blob";
import type { ListedObject } from "../../ports/object-store.ts";
import { type AzContainer, etagFromServer } from "./az-container.ts";

/** The service's limit is 5,000, but a row brings its metadata along, of which there may be 8 KiB. */
const PAGE = 1_000;

/** Accounts with a hierarchical namespace list their folders too, as empty blobs with this mark. */
const isFolder = ({ metadata }: BlobItem): boolean => metadata?.["hdi_isfolder"] === "true";

/** Page after page. A server that hands out the same page for ever is an error, not an endless listing. */
export const listObjects = async function* (
  container: AzContainer,
  prefix: string,
  signal: AbortSignal,
): AsyncGenerator<ListedObject> {
  const options = { prefix: container.fullKey(prefix), includeMetadata: true, abortSignal: signal };
  let token: string | undefined;
  do {
    const page = await nextPage(container, options, token).catch((thrown: unknown) => {
      throw container.error(thrown, `list "${prefix}"`);
    });
    yield* page.rows;
    if (page.token !== undefined && page.token === token)
      throw container.error(new Error("the listing does not advance"), `list "${prefix}"`);
    token = page.token;
  } while (token !== undefined);
};

const nextPage = async (
  container: AzContainer,
  options: { readonly prefix: string; readonly includeMetadata: boolean; readonly abortSignal: AbortSignal },
  token: string | undefined,
): Promise<{ readonly rows: readonly ListedObject[]; readonly token: string | undefined }> => {
  const client = await container.open(options.abortSignal);
  const from = token === undefined ? {} : { continuationToken: token };
  const pages = client.listBlobsFlat(options).byPage({ maxPageSize: PAGE, ...from });
  const { value, done } = await pages.next();
  if (done === true) return { rows: [], token: undefined };
  const rows = value.segment.blobItems
    .filter((item) => !isFolder(item))
    .map((item) => ({
      name: container.relative(item.name),
      size: item.properties.contentLength ?? 0,
      etag: etagFromServer(item.properties.etag),
      modified: item.properties.lastModified.getTime(),
    }));
  return { rows, token: value.continuationToken || undefined };
};
