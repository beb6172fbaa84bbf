import { describe, expect, it, vi } from "vitest";
import { docker, runClient } from "../support/docker.ts";
import { BUCKET_ENV, createLab, IMAGE } from "../support/docker-lab.ts";

const lab = createLab();

describe("kgsync health", () => {
  it("is what the engine's health check asks, and it is healthy while the app runs", async () => {
    const { flags } = await lab.disks();
    const app = await lab.start({ flags: [...flags, "--health-interval", "1s"], env: BUCKET_ENV });
    await app.line(/^ready /);
    await docker("exec", app.id, "kgsync", "health");
    const status = (): Promise<string> => docker("inspect", "--format", "{{.State.Health.Status}}", app.id);
    await vi.waitFor(async () => expect(await status()).toBe("healthy"), { timeout: 60_000, interval: 100 });
    await app.stop(10);
  });

  it("is not healthy where no wrapper runs", async () => {
    const settings = ["--env", "KGSYNC_BUCKET=file:///data/bucket", "--entrypoint", "kgsync"];
    const { code, stdout, stderr } = await runClient("docker", ["run", "--rm", ...settings, IMAGE, "health"]);
    expect({ code, says: stdout.toString() + stderr }).toEqual({
      code: 1,
      says: expect.stringContaining("no kgsync runs here"),
    });
  });
});
