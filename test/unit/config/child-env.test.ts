import { describe, expect, it } from "vitest";
import { childEnv } from "../../../src/config/child-env.ts";
import { SETTINGS } from "../../../src/config/schema.ts";

const credentials = {
  AWS_ACCESS_KEY_ID: "a",
  AWS_SECRET_ACCESS_KEY: "b",
  AWS_SESSION_TOKEN: "c",
  AWS_PROFILE: "d",
  AWS_WEB_IDENTITY_TOKEN_FILE: "e",
  AWS_CONTAINER_AUTHORIZATION_TOKEN: "f",
};
const ours = Object.fromEntries(
  SETTINGS.flatMap(({ env }) => [
    [env, "x"],
    [`${env}_FILE`, "y"],
  ]),
);
const apps = { PATH: "/bin", AWS_REGION: "eu-west-1", EMPTY: "" };

const azures = { AZURE_STORAGE_KEY: "g", AZURE_STORAGE_CONNECTION_STRING: "h", AZURE_FEDERATED_TOKEN_FILE: "i" };
const S3 = { scheme: "s3", bucket: "b", prefix: "" } as const;
const GS = { scheme: "gs", bucket: "b", prefix: "" } as const;
const AZ = { scheme: "az", container: "c", prefix: "" } as const;

describe("childEnv", () => {
  it("inherits everything that is set", () => {
    const all = { ...apps, ...credentials, ...azures, ...ours };
    expect(childEnv({ ...all, GONE: undefined }, { childEnv: "inherit", bucket: AZ })).toEqual(all);
  });

  it("keeps kgsync's settings and the bucket's credentials from the app, and nothing else", () => {
    const clean = { childEnv: "clean", bucket: S3 } as const;
    expect(childEnv({ ...apps, ...credentials, ...ours, GONE: undefined }, clean)).toEqual(apps);
  });

  it("another cloud's credentials stay the app's, unless the bucket is there", () => {
    const all = { ...apps, ...azures, AZURE_STORAGE_ACCOUNT: "account" };
    expect(childEnv(all, { childEnv: "clean", bucket: S3 })).toEqual(all);
    const google = { ...apps, GOOGLE_APPLICATION_CREDENTIALS: "/run/secrets/account.json" };
    expect(childEnv(google, { childEnv: "clean", bucket: AZ })).toEqual(google);
    expect(childEnv(google, { childEnv: "clean", bucket: GS })).toEqual(apps);
    expect(childEnv(all, { childEnv: "clean", bucket: AZ })).toEqual({ ...apps, AZURE_STORAGE_ACCOUNT: "account" });
  });
});
