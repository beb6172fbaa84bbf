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

describe("childEnv", () => {
  it("inherits everything that is set", () => {
    const all = { ...apps, ...credentials, ...ours };
    expect(childEnv({ ...all, GONE: undefined }, "inherit")).toEqual(all);
  });

  it("keeps kgsync's settings and the bucket's credentials from the app, and nothing else", () => {
    expect(childEnv({ ...apps, ...credentials, ...ours, GONE: undefined }, "clean")).toEqual(apps);
  });
});
