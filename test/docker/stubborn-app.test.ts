import { describe, expect, it } from "vitest";
import { BUCKET_ENV, createLab, REMOTE } from "../support/docker-lab.ts";

const lab = createLab();

/** Saves when it is told to stop, and stays. */
const STUBBORN = `trap 'printf "{\\"saved\\":\\"after TERM\\"}" >amadeus/knowledge_graph.json; echo staying' TERM
  printf '{"saved":"at start"}' >amadeus/knowledge_graph.json; echo up
  while :; do sleep 0.05; done`;

describe.concurrent("an app that ignores SIGTERM", () => {
  it.each([2, 5, 10, 30])("is killed inside a grace of %i s, and its last save is in the bucket", async (grace) => {
    const { flags } = await lab.disks();
    const env = { ...BUCKET_ENV, KGSYNC_GRACE: `${grace}s` };
    const app = await lab.start({ flags, env, command: ["sh", "-c", STUBBORN] });
    await app.line(/^up$/);
    await app.stop(grace);
    // 128 + KILL: by kgsync's hand. At the end of the grace the engine would have sent its own, and there was none.
    expect(await app.ended()).toBe(137);
    expect(await app.signals()).toEqual([15]);
    expect(await app.log()).toMatch(/^staying$/m);
    expect((await app.file(REMOTE))?.toString()).toBe('{"saved":"after TERM"}');
  });
});
