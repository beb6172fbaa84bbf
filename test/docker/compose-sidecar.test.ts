import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";
import { docker } from "../support/docker.ts";
import { createCompose } from "../support/docker-compose.ts";
import { withoutClock } from "../support/docker-graph.ts";
import { containerOf, GRAPH, IMAGE, SAMPLE_IMAGE } from "../support/docker-lab.ts";

const project = `kgsync-${randomUUID().slice(0, 8)}`;
const OBJECT = "/data/bucket/my-app/knowledge_graph.json";
const PATIENCE = { timeout: 60_000, interval: 200 };

// A bucket that needs no server, and the sample app without the kgsync that its image would start it under. A new volume at
// /data is the image user's, as the image has that folder.
const folder = mkdtempSync(join(tmpdir(), "kgsync-sidecar-"));
const own = join(folder, "own.yml");
writeFileSync(
  own,
  `services:
  kgsync:
    volumes: ["bucket:/data"]
  app:
    entrypoint: ["node", "/app/sample-app.ts"]
    command: []
volumes:
  bucket:
`,
);
const { compose, container } = await createCompose(project, {
  files: [join(import.meta.dirname, "../../deploy/compose/sidecar.yml"), own],
  env: { KGSYNC_IMAGE: IMAGE, APP_IMAGE: SAMPLE_IMAGE, KGSYNC_BUCKET: "file:///data/bucket/my-app" },
});

afterAll(async () => {
  await compose("down", "--volumes", "--remove-orphans");
  rmSync(folder, { recursive: true, force: true });
});

const up = async () => {
  await compose("up", "--detach");
  return { app: containerOf(await container("app")), kgsync: containerOf(await container("kgsync")) };
};

describe("deploy/compose/sidecar.yml", () => {
  it("starts the app when the graph is there, pushes its saves, and its last one when both are stopped", async () => {
    const first = await up();
    await first.app.line(/^saved start .* services=0$/);
    await first.app.kill("USR1");
    await vi.waitFor(async () => expect((await first.kgsync.file(OBJECT))?.includes('"sample1"')).toBe(true), PATIENCE);

    await compose("stop");
    expect(await first.app.ended()).toBe(0);
    expect({ code: await first.kgsync.ended(), log: await first.kgsync.log() }).toMatchObject({ code: 0 });
    const last = await first.app.file(GRAPH);
    expect(last?.includes('"sample1"')).toBe(true);
    expect(withoutClock(await first.kgsync.file(OBJECT))).toBe(withoutClock(last));

    // another machine: the disk is gone, the bucket is there
    await compose("rm", "--force");
    await docker("volume", "rm", `${project}_state`);
    const second = await up();
    await second.app.line(/^saved start .* services=1$/);
  });

  it("runs both as one user, and gives the app none of kgsync's settings", async () => {
    const [app, kgsync] = [await container("app"), await container("kgsync")];
    const user = (id: string): Promise<string> => docker("inspect", "--format", "{{.Config.User}}", id);
    expect(await user(app)).toBe(await user(kgsync));
    expect(await docker("inspect", "--format", "{{json .Config.Env}}", app)).not.toMatch(/KGSYNC_|AWS_/);
    const mode = await docker("exec", app, "stat", "--format", "%a %u", GRAPH);
    expect(mode).toBe("600 65532");
  });
});
