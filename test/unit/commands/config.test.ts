import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { renderConfig } from "../../../src/commands/config.ts";
import { loadConfig } from "../../../src/config/load.ts";
import type { Environment, Flags } from "../../../src/config/read-setting.ts";
import { SETTINGS } from "../../../src/config/schema.ts";

const secret = "q9".repeat(20);
const BASE = { KGSYNC_BUCKET: "s3://my-bucket/amadeus" };
const read = (): string => secret;

const render = (env: Environment, format: "table" | "json" | "env" = "table", flags: Flags = {}): string => {
  const all = { ...BASE, ...env };
  return renderConfig(loadConfig(all, flags, read), all, format);
};

const parseEnv = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    text
      .trimEnd()
      .split("\n")
      .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );

describe("renderConfig", () => {
  it("shows each setting's value and source, secrets masked", () => {
    const env = {
      KGSYNC_S3_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE",
      KGSYNC_S3_SECRET_ACCESS_KEY_FILE: "/run/secrets/key",
      KGSYNC_INTERVAL: "5m",
    };
    const rows = render(env, "table", { grace: "45s" })
      .split("\n")
      .map((line) => line.split(/ {2,}/));
    expect(rows).toContainEqual(["NAME", "VALUE", "SOURCE"]);
    expect(rows).toContainEqual(["KGSYNC_INTERVAL", "5m", "env"]);
    expect(rows).toContainEqual(["KGSYNC_GRACE", "45s", "flag"]);
    expect(rows).toContainEqual(["KGSYNC_WATCH", "on", "default"]);
    expect(rows).toContainEqual(["KGSYNC_CWD", "(not set)", "default"]);
    expect(rows).toContainEqual(["KGSYNC_S3_ACCESS_KEY_ID", "«set, 20 characters»", "env"]);
    expect(rows).toContainEqual(["KGSYNC_S3_SECRET_ACCESS_KEY", "«set, 40 characters»", "file:/run/secrets/key"]);
    for (const { env: name } of SETTINGS) expect(rows.filter((row) => row[0] === name)).toHaveLength(1);
  });

  it("lists AWS's variables that are set, with values only where they are no secrets", () => {
    const text = render({
      AWS_REGION: "eu-west-1",
      AWS_SECRET_ACCESS_KEY: secret,
      AWS_SOMETHING_NEW: secret,
      AWS_PROFILE: "",
      HTTPS_PROXY: `http://user:${secret}@proxy:3128`,
      https_proxy: `user:${secret}@proxy:3128`,
      UNRELATED: secret,
    });
    expect(text).toMatch(/^AWS_REGION +eu-west-1 +env$/m);
    expect(text).toMatch(/^AWS_SECRET_ACCESS_KEY +«set, 40 characters» +env$/m);
    expect(text).toMatch(/^HTTPS_PROXY +http:\/\/\*\*\*@proxy:3128 +env$/m);
    expect(text).toMatch(/^https_proxy +\*\*\*@proxy:3128 +env$/m);
    expect(text).not.toContain("AWS_PROFILE");
    expect(text).not.toContain("UNRELATED");
    expect(text).not.toContain(secret);
  });

  it("lists Azure's only where the bucket is there", () => {
    const azure = {
      AZURE_STORAGE_ACCOUNT: "account",
      AZURE_STORAGE_KEY: secret,
      AZURE_SOMETHING_NEW: secret,
      AZURE_STORAGE_SERVICE_ENDPOINT: `https://host/?sig=${secret}`, // somebody will
    };
    const text = render({ ...azure, KGSYNC_BUCKET: "az://container/app" });
    expect(text).toMatch(/^AZURE_STORAGE_ACCOUNT +account +env$/m);
    expect(text).toMatch(/^AZURE_STORAGE_KEY +«set, 40 characters» +env$/m);
    expect(text).not.toContain(secret);
    expect(render(azure)).not.toContain("AZURE_");
  });

  it("says the warnings", () => {
    expect(render({})).not.toContain("Warning");
    expect(render({ KGSYNC_UNSAFE_STORE: "allow" })).toContain("Warning: KGSYNC_UNSAFE_STORE=allow");
  });

  it("is JSON for programs", () => {
    const all = JSON.parse(render({ AWS_REGION: "eu-west-1", KGSYNC_S3_SSE: "AES256" }, "json"));
    expect(Object.keys(all.settings)).toEqual(SETTINGS.map(({ env }) => env));
    expect(all.settings.KGSYNC_S3_SSE).toEqual({ value: "AES256", source: "env", secret: false });
    expect(all.settings.KGSYNC_CWD).toEqual({ value: null, source: "default", secret: false });
    expect(all.environment).toEqual({ AWS_REGION: { value: "eu-west-1" } });
    expect(all.warnings).toEqual([]);
  });

  it("never has a secret's value in it, in any format", () => {
    const names = [
      "AWS_ACCESS_KEY_ID",
      "AWS_SECRET_ACCESS_KEY",
      "AWS_SESSION_TOKEN",
      "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    ];
    const env: Environment = {
      KGSYNC_S3_ACCESS_KEY_ID: secret,
      KGSYNC_S3_SECRET_ACCESS_KEY: secret,
      KGSYNC_S3_SESSION_TOKEN_FILE: "/run/token",
      ...Object.fromEntries(names.map((name) => [name, secret])),
    };
    for (const format of ["table", "json", "env"] as const) expect(render(env, format)).not.toContain(secret);
  });

  it("as an env file makes the same configuration again", () => {
    const plain = SETTINGS.filter((setting) => setting.secret !== true && setting.key !== "s3SseKmsKeyId");
    fc.assert(
      fc.property(fc.subarray(plain), (chosen) => {
        const env = Object.fromEntries(chosen.map(({ env: name, example }) => [name, example]));
        const again = loadConfig(parseEnv(render(env, "env")), {}, read).config;
        expect(again).toEqual(loadConfig({ ...BASE, ...env }, {}, read).config);
      }),
    );
  });
});
