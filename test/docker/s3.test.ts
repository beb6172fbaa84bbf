import { randomUUID } from "node:crypto";
import { describe, expect, it, vi } from "vitest";
import { docker } from "../support/docker.ts";
import { S3_IMAGE } from "../support/docker-compose.ts";
import { BUMP_COMMAND, bumped } from "../support/docker-graph.ts";
import { createLab, GRAPH, HARDENED } from "../support/docker-lab.ts";
import { s3In } from "../support/docker-s3.ts";
import { sampleGraphBytes } from "../support/sample-graph.ts";

const lab = createLab();
const PATIENCE = { timeout: 60_000, interval: 100 };
const keys = { accessKeyId: "containerkey", secretAccessKey: "containersecret" };
const server = async () => {
  const network = await lab.network();
  const { id } = await lab.start({
    image: S3_IMAGE,
    flags: ["--network", network, "--network-alias", "s3"],
    env: { AWS_ACCESS_KEY_ID: keys.accessKeyId, AWS_SECRET_ACCESS_KEY: keys.secretAccessKey, S3_BUCKET: "graph" },
  });
  const s3 = s3In(id, keys);
  await vi.waitFor(async () => expect(await s3.healthy()).toBe(true), PATIENCE);
  return { id, network, s3 };
};
type Server = Awaited<ReturnType<typeof server>>;
let shared: Promise<Server> | undefined;
const sharedServer = (): Promise<Server> => {
  shared ??= server();
  return shared;
};

/** A prefix of its own in a bucket: how a container reaches it, how we look into it, and a disk for the app. */
const place = async (on = sharedServer()) => {
  const { id, network, s3 } = await on;
  const prefix = randomUUID();
  const object = `graph/${prefix}/knowledge_graph.json`;
  const env = {
    KGSYNC_BUCKET: `s3://graph/${prefix}`,
    AWS_ENDPOINT_URL_S3: "http://s3:8333",
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: keys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
  };
  const flags = async () => [...HARDENED, "--network", network, "--volume", `${await lab.volume()}:/data/amadeus`];
  return { id, env, flags, get: () => s3.get(object), put: (bytes: Uint8Array) => s3.put(object, bytes) };
};

describe.concurrent("on a real S3 server", () => {
  it.each([54_000, 7_300_000])(
    "a graph of %i bytes goes bucket, disk, app, stop, bucket: byte for byte",
    async (bytes) => {
      const { env, flags, get, put } = await place();
      const graph = sampleGraphBytes({ seed: 5, bytes });
      await put(graph);
      const app = await lab.start({ flags: await flags(), env, command: BUMP_COMMAND });
      await app.line(/^up$/);
      expect((await app.file(GRAPH))?.equals(graph)).toBe(true);
      expect((await get())?.equals(graph)).toBe(true);
      await app.stop(10);
      expect({ code: await app.ended(), log: await app.log() }).toMatchObject({ code: 0 });
      expect((await app.file(GRAPH))?.equals(bumped(graph))).toBe(true);
      expect((await get())?.equals(bumped(graph))).toBe(true);
    },
  );

  it("a save reaches the bucket while the app runs, survives SIGKILL, and comes up on another disk", async () => {
    const { env, flags, get, put } = await place();
    await put(sampleGraphBytes({ seed: 6 }));
    const app = await lab.start({ flags: await flags(), env });
    await app.line(/^ready /);
    await app.kill("USR1");
    await vi.waitFor(async () => expect((await get())?.includes('"sample1"')).toBe(true), PATIENCE);
    await app.kill("KILL");
    expect(await app.ended()).toBe(137);
    const kept = await get();

    const next = await lab.start({ flags: await flags(), env, command: ["cat", "amadeus/knowledge_graph.json"] });
    expect(await next.ended()).toBe(0);
    expect(await next.file(GRAPH)).toEqual(kept);
  });

  it("a server that falls silent before the stop: out inside the grace with 75, and the next start makes up for it", async () => {
    const { id, env, flags, get, put } = await place(server());
    const graph = sampleGraphBytes({ seed: 7 });
    await put(graph);
    const app = await lab.start({ flags: await flags(), env, command: BUMP_COMMAND });
    await app.line(/^up$/);
    await docker("pause", id);
    await app.stop(10);
    expect(await app.ended()).toBe(75);
    expect(await app.signals()).toEqual([15]);
    expect(await app.log()).toMatch(/kgsync push/);
    expect(await app.file(GRAPH)).toEqual(bumped(graph));

    // What lay in its socket is served now or never: the put may have been stored, and nobody heard of it.
    await docker("unpause", id);
    await app.start();
    await app.line(/^up$/);
    await vi.waitFor(async () => expect((await get())?.equals(bumped(graph))).toBe(true), PATIENCE);
    await app.stop(10);
    expect(await app.ended()).toBe(0);
  });

  it("wrong keys are told from a first boot: 77, and nothing is started", async () => {
    const { env, flags } = await place();
    const wrong = { ...env, AWS_SECRET_ACCESS_KEY: "anotherone" };
    const app = await lab.start({ flags: await flags(), env: wrong, command: ["echo", "the app is started"] });
    expect(await app.ended()).toBe(77);
    expect(await app.log()).not.toMatch(/^the app is started$|anotherone/m);
  });
});
