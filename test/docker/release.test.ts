import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { docker, runClient } from "../support/docker.ts";
import { tempDir } from "../support/temp-dir.ts";

it("a release is rehearsed: every file is there, with its sum; the images are labelled and within their budget", async () => {
  const out = join(tempDir(), "release");
  const base = process.env["KGSYNC_BASE_IMAGE"] ?? "node:24-bookworm-slim";
  const release = await runClient("node", ["scripts/release.ts", "--rehearse", "--base", base, "--out", out]);
  expect([release.code, release.stderr]).toEqual([0, expect.any(String)]);
  expect(String(release.stdout)).toContain("nothing was pushed");
  expect(String(release.stdout)).not.toContain("OVER");

  const { version } = JSON.parse(readFileSync("package.json", "utf8"));
  const archive = `kgsync-${version}-linux-amd64.tar.gz`;
  const names = [archive, `kgsync-${version}.cdx.json`, `kgsync-${version}.tgz`, "NOTES.md", "SHA256SUMS"];
  expect(readdirSync(out).sort()).toEqual(names.sort());
  const sums = await runClient("sh", ["-c", `cd '${out}' && sha256sum --check --strict SHA256SUMS`]);
  expect(sums.code).toBe(0);
  const listed = await runClient("tar", ["-tzf", join(out, archive)]);
  for (const name of ["kgsync/kgsync", "kgsync/node", "kgsync/main.cjs"])
    expect(String(listed.stdout).split("\n")).toContain(name);

  const revision = String((await runClient("git", ["rev-parse", "HEAD"])).stdout).trim();
  for (const image of ["kgsync:release", "kgsync:release-inject", "kgsync:release-dist"]) {
    const labels: unknown = JSON.parse(await docker("inspect", "--format", "{{json .Config.Labels}}", image));
    expect(labels).toMatchObject({
      "org.opencontainers.image.version": version,
      "org.opencontainers.image.revision": expect.stringContaining(revision),
      "org.opencontainers.image.base.name": base,
    });
  }
});
