import { describe, expect, it } from "vitest";
import * as z from "zod/mini";
import { bucketUrl } from "../../../src/config/bucket-url.ts";

const problemOf = (text: string): string | undefined => z.safeParse(bucketUrl().schema, text).error?.issues[0]?.message;

describe("a name before the host", () => {
  it.each([
    "s3://AKIA:secret@bucket",
    "az://user@container/a",
    "az://account:key@container",
    "gs://user@bucket",
    "file://user@host/mnt",
    "git+https://token@host/x#main", // of GitHub's tokens, one that stands alone is the secret
    "git+https://user:token@host/x#main",
    "git+ssh://git:secret@host/x#main",
    "git+ssh://a@b@host/x#main",
    "unknown://user:secret@host",
  ])("%s is refused for the credentials that it is, or may be", (text) => {
    expect(problemOf(text)).toContain("has credentials in it");
  });

  it("git+ssh has its user", () => {
    expect(problemOf("git+ssh://git@host/x#main") ?? "").not.toContain("credentials");
  });
});

it("only a Git repository's URL has a # in it, and none has a ?", () => {
  expect(problemOf("az://container/a#b")).toContain("has a ? or #");
  expect(problemOf("git+https://host/x?a#main")).toContain("has a ? or #");
  expect(problemOf("git+https://host/x#main") ?? "").not.toContain("has a ? or #");
});
