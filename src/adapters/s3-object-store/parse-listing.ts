/** A page of `ListObjectsV2` (Amazon S3 API Reference), as the SDK names its parts; names are still encoded. */
export type ListingPage = {
  readonly Contents: readonly {
    readonly Key: string;
    readonly Size: number;
    readonly ETag?: string;
    readonly LastModified?: Date;
  }[];
  readonly IsTruncated: boolean;
  readonly NextContinuationToken?: string;
  readonly EncodingType?: string;
};

const WHOLE = /^\s*(?:<\?xml[^<>]*\?>)?\s*<ListBucketResult(?:\s[^<>]*)?>([\s\S]*)<\/ListBucketResult>\s*$/;
const ROW = /<Contents>([\s\S]*?)<\/Contents>/g;
const NAMED: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };
const MAX_POINT = 0x10_ff_ff;

const decodePoint = (text: string): string => {
  const point = text.startsWith("x") ? Number.parseInt(text.slice(1), 16) : Number.parseInt(text, 10);
  if (!(point <= MAX_POINT)) throw new RangeError("no such character");
  return String.fromCodePoint(point);
};

/** Throws RangeError for what XML itself does not name. */
const decode = (text: string): string =>
  text.replace(/&(?:#(x[0-9a-fA-F]+|[0-9]+)|([^;]*));?/g, (_, point: string | undefined, name: string | undefined) => {
    if (point !== undefined) return decodePoint(point);
    const found = NAMED[name ?? ""];
    if (found === undefined) throw new RangeError("no such entity");
    return found;
  });

const field = (xml: string, name: string): string | undefined => {
  const found = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
  return found === undefined ? undefined : decode(found);
};

const rowOf = (xml: string): ListingPage["Contents"][number] => {
  const [key, size, etag, modified] = ["Key", "Size", "ETag", "LastModified"].map((name) => field(xml, name));
  if (key === undefined || !/^[0-9]{1,15}$/.test(size ?? "")) throw new RangeError("no row");
  const at = modified === undefined ? undefined : new Date(modified);
  if (at !== undefined && Number.isNaN(at.getTime())) throw new RangeError("no time");
  return {
    Key: key,
    Size: Number(size),
    ...(etag === undefined ? {} : { ETag: etag }),
    ...(at === undefined ? {} : { LastModified: at }),
  };
};

/**
 * The page, or `undefined` for what is not written as plainly as every server writes it: comments, sections, prefixes,
 * entities of its own, a row without a name or size. The SDK's reader of XML is then asked; it takes ten times as long.
 */
export const parseListing = (xml: string): ListingPage | undefined => {
  const [, inner] = WHOLE.exec(xml) ?? [];
  if (inner === undefined || inner.includes("<!") || inner.includes("<?")) return undefined;
  try {
    const rows = Array.from(inner.matchAll(ROW), ([, row = ""]) => rowOf(row));
    const rest = inner.replace(ROW, "");
    const truncated = field(rest, "IsTruncated");
    if (/<(?:\w+:)?Contents/.test(rest) || (truncated !== "true" && truncated !== "false")) return undefined;
    const [token, encoding] = [field(rest, "NextContinuationToken"), field(rest, "EncodingType")];
    return {
      Contents: rows,
      IsTruncated: truncated === "true",
      ...(token === undefined ? {} : { NextContinuationToken: token }),
      ...(encoding === undefined ? {} : { EncodingType: encoding }),
    };
  } catch (thrown) {
    if (thrown instanceof RangeError) return undefined;
    throw thrown;
  }
};
