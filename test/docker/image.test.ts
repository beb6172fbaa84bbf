import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { docker, runClient } from "../support/docker.ts";
import { IMAGE } from "../support/docker-lab.ts";

const version = (): unknown => {
  const manifest: unknown = JSON.parse(readFileSync("package.json", "utf8"));
  return typeof manifest === "object" && manifest !== null && "version" in manifest ? manifest.version : undefined;
};

const configOf = async (image: string): Promise<Readonly<Record<string, unknown>>> => {
  const found: unknown = JSON.parse(await docker("inspect", "--format", "{{json .Config}}", image));
  if (typeof found !== "object" || found === null) throw new Error(`no configuration in ${image}`);
  return { ...found };
};

const NOBODY = "http://127.0.0.1:9";
const KEYS = { AWS_ACCESS_KEY_ID: "none", AWS_SECRET_ACCESS_KEY: "none" };
const ACCOUNT = { AZURE_STORAGE_ACCOUNT: "none", AZURE_STORAGE_KEY: "none" };

describe("the image", () => {
  it("needs nothing but a CMD", async () => {
    expect(await configOf(IMAGE)).toMatchObject({
      Entrypoint: ["kgsync", "run", "--"],
      User: "65532:65532",
      WorkingDir: "/data",
      StopSignal: "SIGTERM",
      Healthcheck: { Test: ["CMD", "kgsync", "health"] },
    });
  });

  it("hides no state in an anonymous volume", async () => {
    expect((await configOf(IMAGE))["Volumes"] ?? null).toBeNull();
  });

  it("says what it is, in the version of package.json", async () => {
    const labels = (await configOf(IMAGE))["Labels"];
    expect(labels).toMatchObject({
      "org.opencontainers.image.title": "kgsync",
      "org.opencontainers.image.licenses": "Apache-2.0",
      "org.opencontainers.image.version": version(),
    });
  });

  it("ends with 64 and says so when there is no command", async () => {
    const { code, stderr } = await runClient("docker", ["run", "--rm", "--env", "KGSYNC_BUCKET=file:///data/b", IMAGE]);
    expect({ code, stderr }).toMatchObject({ code: 64, stderr: expect.stringMatching(/command/) });
  });

  it("refuses a configuration with 78 before anything else", async () => {
    const { code, stderr } = await runClient("docker", [
      "run",
      "--rm",
      "--env",
      "KGSYNC_BUKET=file:///x",
      IMAGE,
      "true",
    ]);
    expect({ code, stderr }).toMatchObject({ code: 78, stderr: expect.stringMatching(/KGSYNC_BUCKET/) });
  });

  it.each([
    ["run-any", { KGSYNC_BUCKET: "file:///data/b" }],
    ["run-s3", { KGSYNC_BUCKET: "s3://bucket/app", AWS_ENDPOINT_URL_S3: NOBODY, AWS_REGION: "r", ...KEYS }],
    ["gs-object-store", { KGSYNC_BUCKET: "gs://bucket/app", STORAGE_EMULATOR_HOST: NOBODY }],
    ["az-object-store", { KGSYNC_BUCKET: "az://bucket/app", AZURE_STORAGE_SERVICE_ENDPOINT: NOBODY, ...ACCOUNT }],
  ])("starts from its compile cache, on a read-only root too: %s", async (name, env) => {
    const settings = Object.entries({ ...env, NODE_DEBUG: "kgsync", KGSYNC_START_TIMEOUT: "1s" });
    const flags = ["--read-only", ...settings.flatMap(([key, value]) => ["--env", `${key}=${value}`])];
    const { stdout, stderr } = await runClient("docker", ["run", "--rm", ...flags, IMAGE, "true"]);
    const log = stdout.toString() + stderr;
    expect(log).toMatch(new RegExp(`code cache /opt/kgsync/compile-cache/${name}\\.\\S+: used`));
    expect(log).not.toMatch(/code cache \S+: (?:absent|refused)/);
  });

  it("lets the app change nothing of what starts next time", async () => {
    const script = "find /opt/kgsync /usr/local/bin/kgsync /usr/bin/tini -writable";
    expect(await docker("run", "--rm", "--entrypoint", "sh", IMAGE, "-c", script)).toBe("");
  });
});
