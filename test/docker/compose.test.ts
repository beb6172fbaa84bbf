import { randomUUID } from "node:crypto";
import { afterAll, describe, expect, it, vi } from "vitest";
import { docker } from "../support/docker.ts";
import { createCompose } from "../support/docker-compose.ts";
import { withoutClock } from "../support/docker-graph.ts";
import { containerOf, GRAPH } from "../support/docker-lab.ts";
import { s3In } from "../support/docker-s3.ts";

const project = `kgsync-${randomUUID().slice(0, 8)}`;
const { compose, container } = await createCompose(project);
// What docker-compose.yml itself says.
const keys = { accessKeyId: "demo", secretAccessKey: "demodemo" };
const OBJECT = "graph/demo/knowledge_graph.json";
const PATIENCE = { timeout: 60_000, interval: 200 };

afterAll(async () => {
  await compose("down", "--volumes", "--remove-orphans", "--rmi", "local");
});

const up = async () => {
  await compose("up", "--detach");
  return containerOf(await container("app"));
};

describe("docker compose up, with the file as it is", () => {
  it("keeps a save through kill -9, and through the loss of the whole disk", async () => {
    await compose("build");
    const first = await up();
    await first.line(/^ready /);
    const s3 = s3In(await container("s3"), keys);
    await first.kill("USR1");
    await vi.waitFor(async () => expect((await s3.get(OBJECT))?.includes('"sample1"')).toBe(true), PATIENCE);

    await compose("kill", "app");
    expect(await first.ended()).toBe(137);
    const second = await up();
    await second.line(/^saved start .* services=1$/);
    await second.kill("USR1");
    await second.line(/^saved add sample2 /);
    await compose("stop", "app");
    expect({ code: await second.ended(), log: await second.log() }).toMatchObject({ code: 0 });
    const last = await second.file(GRAPH);
    expect(last?.includes('"sample2"')).toBe(true);
    expect(withoutClock(await s3.get(OBJECT))).toBe(withoutClock(last));

    await compose("rm", "--force", "app");
    await docker("volume", "rm", `${project}_state`);
    const third = await up();
    await third.line(/^saved start .* services=2$/);
    await third.stop(45);
    expect(await third.ended()).toBe(0);
  });

  it("gives the app the grace that kgsync counts on", async () => {
    const id = await container("app");
    const seconds = await docker("inspect", "--format", "{{.Config.StopTimeout}}", id);
    const env = await docker("inspect", "--format", "{{json .Config.Env}}", id);
    expect(env).toContain(`KGSYNC_GRACE=${seconds}s`);
  });
});
