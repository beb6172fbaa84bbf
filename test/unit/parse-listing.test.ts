import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseListing } from "../../src/adapters/s3-object-store/parse-listing.ts";

const row = (inner: string): string => `<Contents>${inner}</Contents>`;
const page = (inner: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${inner}</ListBucketResult>`;
const ENDED = "<IsTruncated>false</IsTruncated>";
const ROW =
  "<Key>a%2Fb</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>&quot;e&quot;</ETag><Size>7</Size>";
const FOUND = { Key: "a%2Fb", Size: 7, ETag: '"e"', LastModified: new Date("2026-01-01T00:00:00.000Z") };

describe("a page", () => {
  test("with rows, owner and all", () => {
    const owner = "<Owner><ID>x</ID><DisplayName>y</DisplayName></Owner><StorageClass>STANDARD</StorageClass>";
    const head = "<Name>bucket</Name><Prefix>app/</Prefix><KeyCount>2</KeyCount><MaxKeys>1000</MaxKeys>";
    const more =
      "<IsTruncated>true</IsTruncated><NextContinuationToken>1&#x2b;2&amp;</NextContinuationToken><EncodingType>url</EncodingType>";
    expect(parseListing(page(head + row(ROW + owner) + row("<Size>0</Size><Key>b</Key>") + more))).toEqual({
      Contents: [FOUND, { Key: "b", Size: 0 }],
      IsTruncated: true,
      NextContinuationToken: "1+2&",
      EncodingType: "url",
    });
  });

  test("without rows", () => {
    expect(parseListing(page(ENDED))).toEqual({ Contents: [], IsTruncated: false });
  });

  test.each<[string, string]>([
    ["an error", "<Error><Code>NoSuchBucket</Code></Error>"],
    ["half of a page", page(row(ROW) + ENDED).slice(0, -5)],
    ["something behind it", `${page(ENDED)}x`],
    ["no word on whether it is the last", page(row(ROW))],
    ["a comment", page(`<!-- ${row(ROW)} -->${ENDED}`)],
    ["a section", page(row("<Key><![CDATA[a]]></Key><Size>1</Size>") + ENDED)],
    ["an instruction", page(`<?x?>${ENDED}`)],
    ["names with a prefix", page(`<s3:Contents><s3:Key>a</s3:Key></s3:Contents>${ENDED}`)],
    ["a row with attributes", page(`<Contents id="1">${ROW}</Contents>${ENDED}`)],
    ["a row without a name", page(row("<Size>1</Size>") + ENDED)],
    ["a row without a size", page(row("<Key>a</Key>") + ENDED)],
    ["a size that is none", page(row("<Key>a</Key><Size>-1</Size>") + ENDED)],
    ["a time that is none", page(row(ROW.replace("2026", "x")) + ENDED)],
    ["an entity of its own", page(row(ROW.replace("&quot;", "&mine;")) + ENDED)],
    ["a bare ampersand", page(row(ROW.replace("&quot;", "& ")) + ENDED)],
    ["a character that is none", page(row(ROW.replace("&quot;", "&#x110000;")) + ENDED)],
    ["nothing", ""],
  ])("that is %s is left to the SDK", (_, xml) => {
    expect(parseListing(xml)).toBeUndefined();
  });
});

const escapeXml = (text: string): string =>
  text.replace(/[&<>"']/g, (found) => (found === "<" ? "&lt;" : `&#${found.charCodeAt(0)};`));

test("every text that is escaped comes back", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.nat(), (name, size) => {
      fc.pre(!/[\p{Cc}\p{Cs}\p{Cn}]/u.test(name)); // XML 1.0 cannot carry them
      const xml = page(row(`<Key>${escapeXml(name)}</Key><Size>${size}</Size>`) + ENDED);
      expect(parseListing(xml)).toEqual({ Contents: [{ Key: name, Size: size }], IsTruncated: false });
    }),
  );
});
