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

describe("a Git repository's URL", () => {
  const placeOf = (text: string): unknown => z.safeParse(bucketUrl().schema, text).data;

  it.each([
    ["git+https://host/team/x.git#main", { remote: "https://host/team/x.git", branch: "main", folder: "" }],
    ["git+https://host:8443/x", { remote: "https://host:8443/x", branch: "main", folder: "" }],
    ["git+http://localhost:3000/x.git#", { remote: "http://localhost:3000/x.git", branch: "main", folder: "" }],
    ["git+ssh://git@host/x.git#state/app", { remote: "ssh://git@host/x.git", branch: "state/app", folder: "" }],
    ["git+ssh://host:2222/x.git#b:a/b/", { remote: "ssh://host:2222/x.git", branch: "b", folder: "a/b" }],
    ["git+file:///srv/x.git#:kg", { remote: "file:///srv/x.git", branch: "main", folder: "kg" }],
    ["git+file:///srv/x.git#main:a#b:c", { remote: "file:///srv/x.git", branch: "main", folder: "a#b:c" }],
  ])("%s", (text, place) => {
    expect(placeOf(text)).toEqual({ scheme: "git", ...place });
  });

  it.each([
    ["git+https://host", "no path to a repository"],
    ["git+https://host/", "no path to a repository"],
    ["git+https:///x", "no path to a repository"],
    ["git+file://srv/x", "three slashes"],
    ["git+file:////srv/x", "three slashes"],
    ["git+https://host/a b.git#main", "a blank"],
    ["git+https://host/x#-main", "no valid name of a branch"],
    ["git+https://host/x#refs/heads/main", "no valid name of a branch"],
    ["git+https://host/x#a..b", "no valid name of a branch"],
    ["git+https://host/x#a~1", "no valid name of a branch"],
    ["git+https://host/x#HEAD", "no valid name of a branch"],
    ["git+https://host/x#a.lock", "no valid name of a branch"],
    ["git+https://host/x#main:../up", "a folder that"],
    ["git+https://host/x#main:a/.git/hooks", "a folder named .git"],
  ])("%s is refused", (text, problem) => {
    expect(problemOf(text)).toContain(problem);
  });
});
